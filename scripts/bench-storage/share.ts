import { rm } from "node:fs/promises";

import { alternating, type Group, ratio } from "../bench-crypto/group.js";
import { BenchStage, MEBIBYTES, RUNS } from "./stage.js";

/**
 * Storing a file as it is over sharing it: both read it from disk and put it into a new fs store with fsync, the second also hashes, recognises and seals it. The
 * start of the processes is not counted.
 */
export const share: Group = {
  targets: { shareToUnencrypted: { atLeast: 0.8 } },
  run: (note) =>
    BenchStage.run(async (stage) => {
      const file = await stage.noise("plain");
      const seconds = async (...args: readonly [deed: string, ...rest: string[]]): Promise<number> => {
        const [deed, ...rest] = args;
        const store = stage.fresh("store");
        await stage.settle();
        const told = await stage.our(deed, file, store, ...rest);
        await rm(store, { recursive: true });
        return told.seconds;
      };
      const pairs = await alternating(
        RUNS,
        () => seconds("keep"),
        () => seconds("share", stage.recipient),
      );
      for (const { theirs, ours } of pairs)
        note(`share: ${MEBIBYTES} MiB as it is ${theirs.toFixed(3)} s, sealed ${ours.toFixed(3)} s`);
      return { shareToUnencrypted: ratio(pairs) };
    }),
};
