import { readFile } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { replaceFile } from "../new-file.js";
import type { Checked } from "../record/upkeep.js";
import { folderOf } from "./profile.js";
import type { Session } from "./session.js";

const schema = z.object({ version: z.literal(1), verified: z.record(z.string(), z.number().int().nonnegative()) });

/** By record id, when all of its blocks were last read and found good, in seconds since 1970. */
export type VerifiedTimes = Readonly<Record<string, number>>;

function fileOf({ home, profileName }: Session): string {
  return path.join(folderOf(home, profileName), "verified.json");
}

/** What is known of earlier checks; a file that is damaged or missing knows nothing. */
export async function verifiedTimes(session: Session): Promise<VerifiedTimes> {
  try {
    return schema.parse(JSON.parse(await readFile(fileOf(session), "utf8"))).verified;
  } catch {
    return {};
  }
}

/**
 * Notes which records a check found whole; what it found wrong keeps its older time.
 * @throws STORE_FAILED, DISK_FULL
 */
export async function noteVerified(session: Session, { records }: Checked): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const whole = records.filter(({ findings, failure }) => failure === undefined && findings.every(isHarmless));
  const found = whole.flatMap(({ recordId }) => (recordId === undefined ? [] : [[recordId, now]]));
  const verified = { ...(await verifiedTimes(session)), ...(Object.fromEntries(found) as VerifiedTimes) };
  await replaceFile(fileOf(session), `${JSON.stringify({ version: 1, verified }, null, 2)}\n`);
}

/** What lies elsewhere than it should is there all the same. */
function isHarmless({ kind }: Checked["records"][number]["findings"][number]): boolean {
  return kind === "misplaced";
}
