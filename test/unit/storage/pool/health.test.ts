import { expect } from "chai";
import { NodeHealth, typicalTime } from "../../../../src/storage/pool/health.js";
import { sampleBlocks } from "../../../helpers/block-store-suite.js";
import { testNode } from "../../../helpers/pools.js";

describe("what a pool knows of a node", () => {
  let now: number;
  let health: NodeHealth;
  beforeEach(() => {
    now = 0;
    health = new NodeHealth(testNode("one"), () => now);
  });

  it("is not asked for a second after a failure, then twice as long each time, a minute at most", () => {
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      health.failed();
      expect(health.avoided && health.down).to.equal(true);
      now += pause - 1;
      expect(health.avoided).to.equal(true);
      now++;
      expect(health).to.include({ avoided: false, suspect: true, down: false });
    }
  });

  it("is asked by one call alone until it answers", () => {
    health.failed();
    now = 1000;
    health.outstanding = 1;
    expect(health).to.include({ avoided: true, suspect: false });
    health.outstanding = 0;
    health.answered(5);
    expect(health).to.include({ avoided: false, suspect: false, average: 5 });
    health.failed();
    now += 1000;
    expect(health.avoided).to.equal(false);
  });

  it("is avoided but not down when it is slow, which a put that works does not excuse", () => {
    health.outrun(500);
    health.recovered();
    expect(health).to.include({ avoided: true, down: false, average: 500 });
    health.failed();
    health.recovered();
    expect(health.avoided).to.equal(false);
  });

  it("keeps a moving average, and the middle of all is what is usual", () => {
    health.answered(100);
    health.answered(200);
    expect(health.average).to.equal(130);
    const others = [10, 20, 1000].map((time, index) => {
      const other = new NodeHealth(testNode(`other ${index}`), () => now);
      other.answered(time);
      return other;
    });
    others[2]!.failed();
    expect(typicalTime([health, ...others])).to.equal(20);
    expect(typicalTime([])).to.equal(undefined);
  });

  it("knows which blocks rotted there until they are put again", async () => {
    const [one, two] = await sampleBlocks(2);
    health.gaveRotten(one!.cid);
    expect([health.isRotten(one!.cid), health.isRotten(two!.cid)]).to.deep.equal([true, false]);
    health.mended(one!.cid);
    expect(health.isRotten(one!.cid)).to.equal(false);
  });
});
