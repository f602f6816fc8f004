import { setImmediate } from "node:timers/promises";
import { expect } from "chai";
import { inParallel } from "../../../src/storage/parallel.js";

describe("inParallel", () => {
  it("keeps to its limit and does everything", async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(item);
    });
    expect(done).to.have.members([1, 2, 3, 4, 5, 6, 7]);
    expect(most).to.equal(3);
  });

  it("throws the first failure after all that began has ended, and begins no more", async () => {
    const trouble = new Error("first");
    const ended: number[] = [];
    const work = inParallel([1, 2, 3, 4], 2, async (item) => {
      if (item === 1) throw trouble;
      await setImmediate();
      ended.push(item);
    });
    expect(await work.catch((error: unknown) => error)).to.equal(trouble);
    expect(ended).to.deep.equal([2]);
  });
});
