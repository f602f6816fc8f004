import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { access, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";

import { KuboNode } from "../../test/peers/helpers/kubo.js";
import { alternating, type Group, ratio } from "../bench-crypto/group.js";
import { BenchStage, MEBIBYTES, RUNS } from "./stage.js";

const execute = promisify(execFile);
const program = (name: string): string => fileURLToPath(new URL(`../../.peers/bin/${name}`, import.meta.url));

/**
 * Whole processes. Sharing: `age -r` into a file, then `ipfs add` of it to a running Kubo of default datastore, which syncs nothing, over our sealing and
 * storing with fsync. Opening: `ipfs cat` into a file, then `age -d`, over our opening into a file, which is synced.
 */
export const peers: Group = {
  targets: { shareToAgePlusIpfsAdd: { atLeast: 1 }, openToIpfsCatPlusAge: { atLeast: 1.3 } },
  run: async (note) => {
    for (const name of ["age", "ipfs"])
      await access(program(name)).catch((cause: unknown) => {
        throw new Error(`${name} is not built: npm run peers -- ${name}`, { cause });
      });
    const kubo = await KuboNode.start(program("ipfs"));
    try {
      return await BenchStage.run((stage) => compare(stage, kubo, note));
    } finally {
      await kubo.remove();
    }
  },
};

async function compare(
  stage: BenchStage,
  kubo: KuboNode,
  note: (line: string) => void,
): Promise<Record<string, number>> {
  const file = await stage.noise("plain");
  const sharing = await alternating(
    RUNS,
    async () => {
      const taken = await stage.timed(() => theirShare(stage, kubo, file), "theirs.age");
      await kubo.empty();
      return taken;
    },
    () => stage.timed(() => stage.our("share", file, stage.at("ours"), stage.recipient), "ours"),
  );
  const cid = await theirShare(stage, kubo, file);
  await rm(stage.at("theirs.age"));
  const { part = "" } = await stage.our("share", file, stage.at("store"), stage.recipient);
  const opening = await alternating(
    RUNS,
    () => stage.timed(() => theirOpen(stage, kubo, cid), "theirs.age", "theirs.out"),
    () => stage.timed(() => stage.our("open", stage.at("store"), part, stage.at("ours.out")), "ours.out"),
  );
  for (const [what, pairs] of Object.entries({ share: sharing, open: opening }))
    for (const { theirs, ours } of pairs)
      note(`peers: ${what} ${MEBIBYTES} MiB, age and ipfs ${theirs.toFixed(3)} s, ours ${ours.toFixed(3)} s`);
  return { shareToAgePlusIpfsAdd: ratio(sharing), openToIpfsCatPlusAge: ratio(opening) };
}

async function theirShare(stage: BenchStage, kubo: KuboNode, file: string): Promise<string> {
  const sealed = stage.at("theirs.age");
  await execute(program("age"), ["-r", stage.recipient, "-o", sealed, file]);
  return (await kubo.run("add", "--quieter", sealed)).trim();
}

async function theirOpen(stage: BenchStage, kubo: KuboNode, cid: string): Promise<void> {
  const [sealed, out] = [stage.at("theirs.age"), stage.at("theirs.out")];
  await pipeline(kubo.stream("cat", cid), createWriteStream(sealed));
  await execute(program("age"), ["-d", "-i", stage.at("key"), "-o", out, sealed]);
}
