import { expect } from "chai";
import { memoryStore } from "../../../src/storage/memory.js";
import type { BlockStore } from "../../../src/storage/types.js";
import { importFile } from "../../../src/storage/unixfs/import.js";
import { failure } from "../../helpers/block-store-suite.js";
import { noise, storeWith } from "../../helpers/dags.js";

describe("import of files that fails", () => {
  let store: BlockStore;
  beforeEach(() => {
    store = memoryStore();
  });

  const shape = { chunk: 4, children: 3 };

  /** Imports over a store that already holds the file's beginning, and expects that nothing else stays. */
  const expectUndone = async (target: BlockStore, work: (target: BlockStore) => Promise<unknown>) => {
    const before = await importFile(noise(40), target, { shape });
    await work(target);
    for (const cid of before.added) expect(await target.has(cid)).to.equal(true);
    const whole = await importFile(noise(1000), memoryStore(), { shape });
    const kept = new Set(before.added.map(String));
    for (const cid of whole.added) if (!kept.has(cid.toString())) expect(await target.has(cid)).to.equal(false);
  };

  it("passes on what the source threw, and removes what it added", async () => {
    const trouble = new Error("source");
    await expectUndone(store, async (target) => {
      const source = (function* () {
        yield* noise(500, 7);
        throw trouble;
      })();
      expect(await importFile(source, target, { shape }).catch((error: unknown) => error)).to.equal(trouble);
    });
  });

  it("gives CANCELLED when aborted midway, and removes what it added", async () => {
    await expectUndone(store, async (target) => {
      const caller = new AbortController();
      const onProgress = (bytes: number) => {
        if (bytes >= 200) caller.abort();
      };
      await failure(importFile(noise(1000, 8), target, { shape, onProgress, signal: caller.signal }), "CANCELLED");
    });
  });

  it("gives CANCELLED when aborted after the last byte", async () => {
    await expectUndone(store, async (target) => {
      const caller = new AbortController();
      const source = (function* () {
        yield* noise(1000);
        caller.abort();
      })();
      await failure(importFile(source, target, { shape, signal: caller.signal }), "CANCELLED");
    });
  });

  it("reads nothing when cancelled before", async () => {
    let read = false;
    const source = (function* () {
      read = true;
      yield new Uint8Array(1);
    })();
    await failure(importFile(source, store, { signal: AbortSignal.abort() }), "CANCELLED");
    expect(read).to.equal(false);
  });

  it("passes on the store's failure, and removes what it added", async () => {
    const trouble = new Error("full");
    let left = Infinity;
    const full = storeWith((inner) => ({
      putMany: async (blocks, options) => {
        for await (const block of blocks) {
          if (left-- <= 0) throw trouble;
          await inner.put(block, options);
        }
      },
    }));
    await expectUndone(full, async (target) => {
      left = 30;
      expect(await importFile(noise(1000), target, { shape }).catch((error: unknown) => error)).to.equal(trouble);
      left = Infinity;
    });
  });

  it("passes on the first failure when the store does not even remove", async () => {
    const trouble = new Error("put");
    let calls = 0;
    const broken = storeWith((inner) => ({
      putMany: async (blocks, options) => {
        await inner.putMany(blocks, options);
        throw trouble;
      },
      delete: () => {
        calls++;
        return Promise.reject(new Error("delete"));
      },
    }));
    expect(await importFile(noise(100), broken, { shape }).catch((error: unknown) => error)).to.equal(trouble);
    expect(calls).to.equal(1);
  });
});
