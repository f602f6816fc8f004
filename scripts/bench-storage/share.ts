import { rm } from "node:fs/promises";

import { alternating, type Group, ratio } from "../bench-crypto/group.js";
import { BenchStage, MEBIBYTES, RUNS } from "./stage.js";

/**
 * Sharing a file without encryption over sharing it: one program, which reads, hashes and recognises a file and puts it into a new fs store with fsync. In the
 * first its cipher only copies. The start of the processes is not counted.
 */
export const share: Group = {
  targets: { shareToUnencrypted: { atLeast: 0.8 } },
  run: (note) =>
    BenchStage.run(async (stage) => {
      const file = await stage.noise("plain");
      const seconds = async (program: "bare" | "our"): Promise<number> => {
        const store = stage.fresh("store");
        await stage.settle();
        const told = await stage[program]("share", file, store, stage.recipient);
        await rm(store, { recursive: true });
        return told.seconds;
      };
      const pairs = await alternating(
        RUNS,
        () => seconds("bare"),
        () => seconds("our"),
      );
      for (const { theirs, ours } of pairs)
        note(`share: ${MEBIBYTES} MiB unencrypted ${theirs.toFixed(3)} s, sealed ${ours.toFixed(3)} s`);
      return { shareToUnencrypted: ratio(pairs) };
    }),
};
