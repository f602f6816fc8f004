/** The bytes from `start` to `end` as Latin-1 characters: for short, fixed fields of headers. */
export function ascii(head: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...head.subarray(start, end));
}

/** A view for reading numbers; the head may be a slice of a larger buffer. */
export function view(head: Uint8Array): DataView {
  return new DataView(head.buffer, head.byteOffset, head.byteLength);
}
