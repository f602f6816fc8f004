import type { CID } from "multiformats/cid";
import { isCareKeyError } from "../../errors.js";
import type { Block } from "../../storage/types.js";
import { flag, only } from "./arguments.js";
import { refusalOf } from "./answer.js";
import { readCar } from "../car.js";
import { type Call, command } from "./command.js";
import { each } from "./lines.js";
import { readParts } from "./multipart.js";
import { pinWhole } from "./pinned.js";

/**
 * Keeps the blocks of CARs, each checked against its CID, and pins their roots unless told otherwise. As with Kubo, a root that
 * can't be pinned is told beside the others.
 */
export const dagImport = command(
  { "pin-roots": flag.default(true), stats: flag.default(false), "allow-big-block": only("false") },
  async ({ "pin-roots": pinRoots, stats }, call) => {
    const roots = new Map<string, CID>();
    const count = { BlockCount: 0, BlockBytesCount: 0 };
    await call.uploads.run(async (upload) => {
      for await (const { body } of readParts(call.request, call.signal)) {
        const car = await readCar(body);
        for (const root of car.roots) roots.set(root.toString(), root);
        await upload.putMany(counted(car.blocks, count), { signal: call.signal });
      }
    });
    const lines: unknown[] = [];
    if (pinRoots) for (const root of roots.values()) lines.push(await pinned(root, call));
    if (stats) lines.push({ Stats: count });
    return { lines: each(lines) };
  },
  { takesBlocks: true },
);

async function pinned(root: CID, call: Call): Promise<unknown> {
  const line = (PinErrorMsg: string) => ({ Root: { Cid: { "/": root.toString() }, PinErrorMsg } });
  try {
    await pinWhole(root, call);
    return line("");
  } catch (error) {
    if (!isCareKeyError(error) || error.code === "CANCELLED") throw error;
    return line(refusalOf(error, false).message);
  }
}

async function* counted(
  blocks: AsyncIterable<Block>,
  count: { BlockCount: number; BlockBytesCount: number },
): AsyncGenerator<Block, void, undefined> {
  for await (const block of blocks) {
    yield block;
    count.BlockCount++;
    count.BlockBytesCount += block.bytes.length;
  }
}
