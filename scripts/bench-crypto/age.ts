import { execFile } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { bundleProgram } from "./bundle.js";
import { alternating, type Group, ratio, timed } from "./group.js";

const execute = promisify(execFile);
const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const age = here("../../.peers/bin/age");
const MEBIBYTE = 1024 * 1024;
const RUNS = 7;

/**
 * Whole processes: `age`, and our smallest program, seal the same 1 GiB in memory (tmpfs) to the same hybrid recipient and open it, each what
 * the other sealed. And the most memory that ours holds with 2 GiB.
 */
export const stockAge: Group = {
  targets: { encryptToAge: { atLeast: 1 }, decryptToAge: { atLeast: 1 }, rssMiB: { atMost: 200 } },
  run: async (note) => {
    await access(age).catch((cause: unknown) => {
      throw new Error("age is not built: npm run peers -- age", { cause });
    });
    const folder = await mkdtemp(path.join(await tmpfs(), "carekey-bench-"));
    try {
      return await measure(folder, note);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, note: (line: string) => void): Promise<Record<string, number>> {
  const at = (name: string): string => path.join(folder, name);
  const identity = await generateIdentity();
  const recipient = await recipientOf(identity);
  await writeFile(at("key"), `${identity}\n`, { mode: 0o600 });
  await writeNoise(at("plain"), 1024);
  const seconds = async (file: string, output: string, ...args: readonly string[]): Promise<number> => {
    await rm(at(output), { force: true });
    return timed(() => execute(file, args));
  };
  const ours = [process.execPath, await bundleProgram(folder, here("program.mjs"), "thread.js")] as const;

  const sealing = await alternating(
    RUNS,
    () => seconds(age, "theirs", "-r", recipient, "-o", at("theirs"), at("plain")),
    () => seconds(ours[0], "ours", ours[1], "seal", at("plain"), at("ours"), recipient),
  );
  const opening = await alternating(
    RUNS,
    () => seconds(age, "theirs.out", "-d", "-i", at("key"), "-o", at("theirs.out"), at("ours")),
    () => seconds(ours[0], "ours.out", ours[1], "open", at("theirs"), at("ours.out"), at("key")),
  );
  const digest = await digestOf(at("plain"));
  for (const name of ["theirs.out", "ours.out"])
    if ((await digestOf(at(name))) !== digest) throw new Error(`${name} is not what was sealed`);
  for (const [what, pairs] of Object.entries({ seal: sealing, open: opening }))
    for (const pair of pairs)
      note(`age: ${what} 1 GiB, theirs ${pair.theirs.toFixed(2)} s, ours ${pair.ours.toFixed(2)} s`);

  for (const name of ["theirs", "ours", "theirs.out", "ours.out"]) await rm(at(name));
  await writeNoise(at("plain"), 2048);
  const memory = [
    await execute(ours[0], [ours[1], "seal", at("plain"), at("ours"), recipient]),
    await execute(ours[0], [ours[1], "open", at("ours"), at("ours.out"), at("key")]),
  ].map(({ stdout }) => Number(stdout));
  note(`age: 2 GiB sealed in ${memory[0]} MiB of memory, opened in ${memory[1]} MiB`);
  return { encryptToAge: ratio(sealing), decryptToAge: ratio(opening), rssMiB: Math.max(...memory) };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** A folder in memory, where there is one: disks differ more than programs. */
export async function tmpfs(): Promise<string> {
  return access("/dev/shm").then(
    () => "/dev/shm",
    () => tmpdir(),
  );
}

async function writeNoise(file: string, mebibytes: number): Promise<void> {
  const noise = randomFillSync(new Uint8Array(16 * MEBIBYTE));
  const handle = await open(file, "w");
  try {
    for (let written = 0; written < mebibytes; written += 16) await handle.writeFile(noise);
  } finally {
    await handle.close();
  }
}
