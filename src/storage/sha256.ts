import { hash } from "node:crypto";

/**
 * SHA-256 by Node, at once and without a copy: Web Crypto copies each block for a thread, which takes longer than to hash it. Browsers
 * have `sha256-browser.ts` in its place (package.json, "browser").
 */
export function sha256(bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
  // no Buffer, which prints and slices otherwise
  return new Uint8Array(hash("sha256", bytes, "buffer"));
}
