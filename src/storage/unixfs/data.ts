import { readVarint, writeVarint } from "./varint.js";

/** Kinds of UnixFS nodes that a plain file consists of. */
const RAW_NODE = 0;
const FILE_NODE = 2;

/** The fields of UnixFS' protobuf, shifted by their wire types. */
const field = { type: 0x08, data: 0x12, fileSize: 0x18, blockSize: 0x20, mode: 0x38, modified: 0x42 } as const;

/** What the Data field of a file's dag-pb node says. */
export interface UnixFsData {
  /** Bytes of the file below this node. */
  readonly size: number;
  /** How many of them each link leads to. */
  readonly blockSizes: readonly number[];
  /** Bytes held in the node itself, as files without raw leaves have them. */
  readonly data: Uint8Array;
}

/**
 * Encodes the Data field of a node above leaves: https://specs.ipfs.tech/unixfs/, fields in the order of their numbers as
 * every importer writes them. Sizes up to 2^53−1.
 *
 * @example
 * encodeUnixFs([1048576, 3]); // 0802 18838040 20808040 2003
 */
export function encodeUnixFs(blockSizes: readonly number[]): Uint8Array {
  const bytes: number[] = [field.type, FILE_NODE, field.fileSize];
  writeVarint(
    bytes,
    blockSizes.reduce((sum, size) => sum + size, 0),
  );
  for (const size of blockSizes) {
    bytes.push(field.blockSize);
    writeVarint(bytes, size);
  }
  return Uint8Array.from(bytes);
}

/**
 * Decodes the Data field of a plain file's node. Time and mode are passed over; directories, symbolic links, unknown fields
 * and broken varints are refused with a RangeError, which the reader turns into its own error.
 */
export function decodeUnixFs(bytes: Uint8Array): UnixFsData {
  let type: number | undefined;
  let size: number | undefined;
  let data: Uint8Array = new Uint8Array();
  const blockSizes: number[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const tag = readVarint(bytes, offset);
    const { value, next } = readVarint(bytes, tag.next);
    offset = next;
    if (tag.value === field.type) type = value;
    else if (tag.value === field.fileSize) size = value;
    else if (tag.value === field.blockSize) blockSizes.push(value);
    else if (tag.value === field.data || tag.value === field.modified) {
      offset += value;
      if (offset > bytes.length) throw new RangeError("field cut off");
      if (tag.value === field.data) data = bytes.subarray(next, offset);
    } else if (tag.value !== field.mode) throw new RangeError("field of no plain file");
  }
  if (type !== FILE_NODE && type !== RAW_NODE) throw new RangeError("neither file nor raw");
  return { size: size ?? data.length, blockSizes, data };
}
