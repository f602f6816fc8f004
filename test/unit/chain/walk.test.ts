import { expect } from "chai";

import { type Entry, walk, walkBack } from "../../../src/chain/walk.js";
import { refused } from "../../helpers/clinic.js";

/** A list whose entries lie in these blocks. */
function listOf(blocks: readonly number[], refuses: (from: number, to: number) => boolean = () => false) {
  const entries = blocks.map((block, place): Entry => ({ number: place + 1, block, before: blocks[place - 1] ?? 0 }));
  const asked: number[][] = [];
  const entriesIn = (from: number, to: number): Promise<Entry[]> => {
    asked.push([from, to]);
    if (refuses(from, to)) return Promise.reject(new Error("range refused"));
    return Promise.resolve(entries.filter(({ block }) => from <= block && block <= to));
  };
  const head = { number: entries.length, lastAt: blocks.at(-1) ?? 0 };
  return { entries, asked, list: { list: "things", head, entriesIn } };
}

const evenly = (count: number, gap: number): number[] => Array.from({ length: count }, (_, place) => 100 + place * gap);

describe("a walk", () => {
  it("tells each entry once, oldest first, and asks nothing where there is none", async () => {
    for (const blocks of [[5], [5, 5, 5], [5, 6, 6, 9], [1, 900, 901, 50_000], evenly(1000, 1), evenly(300, 7)]) {
      const { entries, list } = listOf(blocks);
      expect(await walk(list)).to.deep.equal(entries);
    }
    const empty = listOf([]);
    expect(await walk(empty.list)).to.deep.equal([]);
    expect(empty.asked).to.deep.equal([]);
  });

  it("tells only what is not known yet", async () => {
    const { entries, asked, list } = listOf([5, 6, 6, 9, 12]);
    expect(await walk({ ...list, known: 3 })).to.deep.equal(entries.slice(3));
    expect(asked.every(([from]) => from! >= 9)).to.equal(true);
    expect(await walk({ ...list, known: 5 })).to.deep.equal([]);
  });

  it("asks for no more than the blocks that it needs, unless entries lie close to one another", async () => {
    const far = listOf(evenly(50, 5000));
    await walk(far.list);
    expect(far.asked.every(([from, to]) => from === to)).to.equal(true);
    expect(far.asked).to.have.length(50);
    const close = listOf(evenly(1000, 1));
    await walk(close.list);
    expect(close.asked.length).to.be.lessThan(15);
    const near = listOf(evenly(1000, 10));
    await walk(near.list);
    expect(near.asked.length).to.be.lessThan(40);
    for (const { asked } of [close, near]) expect(asked.every(([from, to]) => to! - from! < 1000)).to.equal(true);
  });

  it("goes block by block where a node refuses ranges, or cuts them off", async () => {
    const { entries, asked, list } = listOf(evenly(100, 2), (from, to) => from < to);
    expect(await walk(list)).to.deep.equal(entries);
    expect(asked.length).to.be.lessThan(105);
    const whole = listOf(evenly(100, 2));
    const cut = {
      ...whole.list,
      entriesIn: async (from: number, to: number) =>
        (await whole.list.entriesIn(from, to)).filter(({ block }) => from === to || block > to - 3),
    };
    expect(await walk(cut)).to.deep.equal(whole.entries);
    const dead = listOf([5, 6], () => true);
    const thrown = await walk(dead.list).catch((error: unknown) => error);
    expect(thrown).to.be.instanceOf(Error).with.property("message", "range refused");
  });

  it("stops where who asked stops", async () => {
    const { asked, list } = listOf(evenly(50, 5000));
    for await (const { number } of walkBack(list)) if (number === 48) break;
    expect(asked).to.have.length(3);
  });

  it("refuses a list with a gap, an entry too many, or one in another block", async () => {
    const { entries, list } = listOf([5, 6, 6, 9, 12]);
    const telling = (told: readonly Entry[]) =>
      walk({
        ...list,
        entriesIn: (from, to) => Promise.resolve(told.filter(({ block }) => from <= block && block <= to)),
      });
    const missing = (number: number, block: number) => ({ list: "things", missing: number, block });
    const blocks = [5, 6, 6, 9, 12];
    for (const [place, block] of blocks.entries())
      await refused(
        telling(entries.filter((_, index) => index !== place)),
        "HISTORY_INCOMPLETE",
        missing(place + 1, block),
      );
    await refused(telling([...entries, entries[4]!]), "HISTORY_INCOMPLETE", missing(5, 12));
    const elsewhere = entries.map((entry) => (entry.number === 4 ? { ...entry, block: 8 } : entry));
    await refused(telling(elsewhere), "HISTORY_INCOMPLETE", missing(4, 9));
    const ahead = entries.map((entry) => (entry.number === 4 ? { ...entry, before: 10 } : entry));
    await refused(telling(ahead), "HISTORY_INCOMPLETE", missing(3, 9));
    await refused(telling([]), "HISTORY_INCOMPLETE", missing(5, 12));
    // one that nobody looks for is none
    expect(await telling([...entries, { number: 3, block: 7, before: 5 }])).to.deep.equal(entries);
  });
});
