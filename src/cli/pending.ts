import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { openWithPassphrase, sealWithPassphrase } from "../crypto/passphrase.js";
import { type RecoveryRequest, encodeRequest, parseRequest } from "../crypto/keyring/recovery-request.js";
import { CareKeyError } from "../errors.js";
import { writeSecret } from "./code.js";

/** A recovery that waits for guardians: the request, and the key that they release to, under a passphrase. */
export interface PendingRecovery {
  readonly request: RecoveryRequest;
  readonly identity: string;
}

const schema = z.object({ version: z.literal(1), request: z.string(), identity: z.string() });

function fileOf(home: string, profile: string): string {
  return path.join(home, "recoveries", `${profile}.json`);
}

/**
 * Keeps a recovery until guardians have answered. The one before, if any, is given up.
 * @throws STORE_FAILED, DISK_FULL
 */
export async function savePending(
  home: string,
  profile: string,
  { request, identity }: PendingRecovery,
  passphrase: string,
): Promise<void> {
  const sealed = await sealWithPassphrase(new TextEncoder().encode(identity), passphrase);
  const pending = {
    version: 1,
    request: encodeRequest(request),
    identity: Buffer.from(sealed).toString("base64"),
  };
  const file = fileOf(home, profile);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  await writeSecret(file, `${JSON.stringify(pending, null, 2)}\n`);
}

/**
 * The recovery that waits for guardians.
 * @throws INVALID_ARGUMENT when there is none; PASSPHRASE_WRONG
 */
export async function readPending(home: string, profile: string, passphrase: string): Promise<PendingRecovery> {
  let pending: z.output<typeof schema>;
  try {
    pending = schema.parse(JSON.parse(await readFile(fileOf(home, profile), "utf8")));
  } catch (cause) {
    const what = `No recovery waits for guardians under the name ${profile} (carekey recover ask)`;
    throw new CareKeyError("INVALID_ARGUMENT", what, { profile }, { cause });
  }
  const opened = await openWithPassphrase(new Uint8Array(Buffer.from(pending.identity, "base64")), passphrase);
  return { request: parseRequest(pending.request), identity: new TextDecoder().decode(opened) };
}

/** Forgets a recovery that is over. */
export async function dropPending(home: string, profile: string): Promise<void> {
  await rm(fileOf(home, profile), { force: true });
}
