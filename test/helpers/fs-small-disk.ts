// A process of its own in a mount namespace of its own: fills the small disk at `directory`, makes room, fills a file system that turns read-only, and
// prints what happened as JSON.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isCareKeyError } from "../../src/errors.js";
import { fsStore } from "../../src/storage/fs.js";
import type { Block } from "../../src/storage/types.js";
import { rawBlock } from "../../src/storage/verify.js";

const [, , directory = ""] = process.argv;
const newBlock = (): Promise<Block> => rawBlock(randomBytes(700_000));
/** The code of a failure and the system's, or "done". */
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (isCareKeyError(error) ? `${error.code} ${String(error.details.code)}` : String(error)),
  );
const store = await fsStore(directory);
const intact = async (blocks: readonly Block[]): Promise<string[]> => {
  const outcomes = await Promise.all(blocks.map(({ cid }) => outcome(store.get(cid))));
  return [...new Set(outcomes)];
};
const temporaries = (): Promise<string[]> => readdir(join(directory, "temporary"));

const kept: Block[] = [];
let filling = "done";
while (filling === "done") {
  const block = await newBlock();
  filling = await outcome(store.put(block));
  if (filling === "done") kept.push(block);
}
const many = await Promise.all([newBlock(), newBlock(), newBlock()]);
const batch = await outcome(store.putMany(many));
const full = { filling, batch, kept: kept.length, intact: await intact(kept), left: await temporaries() };

for (const { cid } of kept.splice(0, 4)) await store.delete(cid);
const room = { batch: await outcome(store.putMany(many)), intact: await intact([...kept, ...many]) };

execFileSync("mount", ["-o", "remount,ro", directory]);
const [first] = kept as [Block];
const fresh = await newBlock();
const readOnly = {
  open: await outcome(fsStore(directory)),
  // Node's mkdir names another of the system's codes than the file system does
  elsewhere: (await outcome(fsStore(join(directory, "new")))).split(" ")[0],
  put: await outcome(store.put(fresh)),
  pin: await outcome(store.pin(first.cid)),
  delete: await outcome(store.delete(first.cid)),
  intact: await intact([...kept, ...many]),
};
process.stdout.write(JSON.stringify({ full, room, readOnly }));
