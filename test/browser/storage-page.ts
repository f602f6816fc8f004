/** What the page offers to the test: the storage layer as an application would use it, from the one source that Node runs too. */
import { CID } from "multiformats/cid";

import { openBytes, sealBytes } from "../../src/crypto/age.js";
import { addFile } from "../../src/storage/files.js";
import { httpStore } from "../../src/storage/http.js";
import { readFile } from "../../src/storage/unixfs/read.js";
import { outcome } from "./outcome.js";

/** The same bytes for the same size. */
function sample(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

async function gathered(cid: string, url: string): Promise<Uint8Array> {
  const pieces: number[][] = [];
  for await (const piece of readFile(CID.parse(cid), httpStore(url))) pieces.push([...piece]);
  return Uint8Array.from(pieces.flat());
}

const page = {
  /** Seals `size` bytes to a recipient and keeps them at a node, pinned. */
  share: (url: string, token: string | undefined, recipient: string, size: number) =>
    outcome(async () => {
      const store = httpStore(url, { token });
      const { bytes } = await sealBytes(sample(size), [recipient]);
      const { cid } = await addFile([bytes], store);
      await store.pin(cid);
      return { cid: cid.toString() };
    }),
  /** True for the sample of that size. */
  open: (url: string, cid: string, identity: string, size: number) =>
    outcome(async () => {
      const opened = await openBytes(await gathered(cid, url), { identity }, size);
      return { same: opened.length === size && sample(size).every((byte, index) => opened[index] === byte) };
    }),
  has: (url: string, cid: string) => outcome(async () => ({ has: await httpStore(url).has(CID.parse(cid)) })),
  /** What a browser has no business to do. */
  delete: (url: string, token: string, cid: string) =>
    outcome(async () => {
      await httpStore(url, { token }).delete(CID.parse(cid));
      return { deleted: true };
    }),
};

/** What the test sees. */
export type StoragePage = typeof page;

Object.assign(globalThis, { page });
