import { ascii, view } from "./head.js";

/** What a NIfTI header says about its volume; its free-text fields are left out. */
export interface NiftiSummary {
  readonly version: 1 | 2;
  /** Voxels along each of 1 to 7 axes: x, y, z, time, … */
  readonly dimensions: readonly number[];
}

/** A NIfTI volume, gzipped as it usually travels, or plain. */
export interface NiftiFile {
  readonly kind: "nifti";
  /** Not registered with IANA; +gzip is a registered suffix (RFC 8460). */
  readonly mediaType: "application/x-nifti" | "application/x-nifti+gzip";
  readonly summary: NiftiSummary;
}

/** Some other gzip file. */
export interface GzipFile {
  readonly kind: "gzip";
  readonly mediaType: "application/gzip";
}

/** Holds any NIfTI header compressed. Deflate's ratio is below 1032, so that inflating it takes 4 MiB at most. */
const GZIP_HEAD = 4096;

/** A NIfTI-1 or NIfTI-2 volume (nifti1.h, nifti2.h) by its header, or nothing. Never throws. */
export function recogniseNifti(head: Uint8Array): NiftiFile | undefined {
  const summary = summarise(head);
  return summary && { kind: "nifti", mediaType: "application/x-nifti", summary };
}

/**
 * A gzip file (RFC 1952 §2.3) and, where the platform inflates synchronously (Node), whether it holds a NIfTI volume; or nothing.
 * Never throws.
 */
export function recogniseGzip(head: Uint8Array): NiftiFile | GzipFile | undefined {
  if (ascii(head, 0, 3) !== "\x1f\x8b\x08") return undefined;
  const summary = summarise(inflate(head.subarray(0, GZIP_HEAD)));
  return summary
    ? { kind: "nifti", mediaType: "application/x-nifti+gzip", summary }
    : { kind: "gzip", mediaType: "application/gzip" };
}

function summarise(head: Uint8Array): NiftiSummary | undefined {
  const one = /^n(\+|i)1\0$/.test(ascii(head, 344, 348));
  const two = /^n(\+|i)2\0\r\n\x1a\n$/.test(ascii(head, 4, 12));
  const version = one ? 1 : 2;
  const fields = view(head);
  if ((!one && !two) || head.length < (one ? 348 : 80)) return undefined;
  // the header begins with its own length, which tells the byte order
  const little = fields.getInt32(0, true) === (one ? 348 : 540);
  if (!little && fields.getInt32(0) !== (one ? 348 : 540)) return undefined;
  const dim = (axis: number): number =>
    one ? fields.getInt16(40 + 2 * axis, little) : Number(fields.getBigInt64(16 + 8 * axis, little));
  const axes = dim(0);
  if (axes < 1 || axes > 7) return undefined;
  const dimensions = Array.from({ length: axes }, (_, axis) => dim(axis + 1));
  return dimensions.every((size) => size > 0 && Number.isSafeInteger(size)) ? { version, dimensions } : undefined;
}

/** The beginning of a gzip file inflated; empty where the platform cannot or the data is damaged. */
function inflate(head: Uint8Array): Uint8Array {
  // a static import would break browsers' bundles
  const platform = globalThis as { process?: Partial<NodeJS.Process> };
  const zlib = platform.process?.getBuiltinModule?.("node:zlib");
  if (!zlib) return new Uint8Array();
  try {
    // a sync flush returns what a cut stream has given so far
    return zlib.gunzipSync(head, { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: 1032 * GZIP_HEAD });
  } catch {
    return new Uint8Array();
  }
}
