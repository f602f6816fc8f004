import { truncate, writeFile } from "node:fs/promises";

import type { Group } from "../bench-crypto/group.js";
import { BenchStage, isTrial, MEBIBYTES } from "./stage.js";

/** A file of 3 GiB, beyond what numbers of 31 bits count. Of zeros, which no step treats otherwise than noise. */
const LARGE = isTrial ? MEBIBYTES : 3 * 1024;

/** Most memory that a process holds while it shares or opens a large file. */
export const memory: Group = {
  targets: { rssMiB: { atMost: 200 } },
  run: (note) =>
    BenchStage.run(async (stage) => {
      await writeFile(stage.at("plain"), "");
      await truncate(stage.at("plain"), LARGE * 1024 * 1024);
      const shared = await stage.our("share", stage.at("plain"), stage.at("store"), stage.recipient);
      const opened = await stage.our("open", stage.at("store"), shared.part ?? "");
      note(`memory: ${LARGE} MiB shared in ${shared.rssMiB} MiB, opened in ${opened.rssMiB} MiB`);
      return { rssMiB: Math.max(shared.rssMiB, opened.rssMiB) };
    }),
};
