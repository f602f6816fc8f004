import type { CID } from "multiformats/cid";
import { carHeader, sectionOf } from "../car-out.js";
import { cids } from "./arguments.js";
import { type Call, command } from "./command.js";
import { walkFile } from "./walk.js";

/** A file as a CAR, version 1 (https://ipld.io/specs/transport/car/carv1/), each block once. */
export const dagExport = command({ arg: cids }, ({ arg: [root] }, call) =>
  Promise.resolve({ bytes: carOfFile(root, call), type: "application/vnd.ipld.car" }),
);

async function* carOfFile(root: CID, { store, signal }: Call): AsyncGenerator<Uint8Array, void, undefined> {
  let begun = false;
  for await (const block of walkFile(root, store, { signal })) {
    // not before the root is there: a missing one can still be told
    if (!begun) yield carHeader(root);
    begun = true;
    yield* sectionOf(block);
  }
}
