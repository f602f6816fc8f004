/** What the page offers to the test: the storage layer as an application would use it, from the one source that Node runs too. */
import { CID } from "multiformats/cid";

import { collect, equalBytes } from "../../src/bytes.js";
import { openBytes, sealBytes } from "../../src/crypto/age.js";
import { addFile } from "../../src/storage/files.js";
import { httpStore } from "../../src/storage/http.js";
import { readFile } from "../../src/storage/unixfs/read.js";
import { outcome } from "./outcome.js";
import { sample } from "./sample.js";

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
      const opened = await openBytes(
        await collect(readFile(CID.parse(cid), httpStore(url)), Infinity),
        { identity },
        size,
      );
      return { same: equalBytes(opened, sample(size)) };
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
