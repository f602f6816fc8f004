import * as CarBufferWriter from "@ipld/car/buffer-writer";
import type { CID } from "multiformats/cid";
import { varint } from "multiformats";

import { concat } from "../bytes.js";
import type { Block } from "../storage/types.js";

/** The beginning of a CAR, version 1: https://ipld.io/specs/transport/car/carv1/. */
export function carHeader(root: CID): Uint8Array {
  const roots = [root];
  const size = CarBufferWriter.headerLength({ roots });
  return CarBufferWriter.createWriter(new ArrayBuffer(size), { roots }).close();
}

/** A block as it stands in a CAR: length and CID, then its bytes, which are not copied. */
export function sectionOf({ cid, bytes }: Block): [Uint8Array, Uint8Array] {
  const length = cid.bytes.length + bytes.length;
  return [concat([varint.encodeTo(length, new Uint8Array(varint.encodingLength(length))), cid.bytes]), bytes];
}
