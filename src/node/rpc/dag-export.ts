import * as CarBufferWriter from "@ipld/car/buffer-writer";
import type { CID } from "multiformats/cid";
import { cids } from "./arguments.js";
import { type Call, command } from "./command.js";
import { walkFile } from "./walk.js";
import { writeVarint } from "../../storage/unixfs/varint.js";

/** A file as a CAR, version 1 (https://ipld.io/specs/transport/car/carv1/), each block once. */
export const dagExport = command({ arg: cids }, ({ arg: [root] }, call) =>
  Promise.resolve({ bytes: carOfFile(root, call), type: "application/vnd.ipld.car" }),
);

async function* carOfFile(root: CID, { store, signal }: Call): AsyncGenerator<Uint8Array, void, undefined> {
  let begun = false;
  for await (const { cid, bytes } of walkFile(root, store, { signal })) {
    // not before the root is there: a missing one can still be told
    if (!begun) yield header(root);
    begun = true;
    const length: number[] = [];
    writeVarint(length, cid.bytes.length + bytes.length);
    yield Uint8Array.from([...length, ...cid.bytes]);
    yield bytes;
  }
}

function header(root: CID): Uint8Array {
  const roots = [root];
  return CarBufferWriter.createWriter(new ArrayBuffer(CarBufferWriter.headerLength({ roots })), { roots }).close();
}
