import { expect } from "chai";
import { Gate } from "../../../src/node/gate.js";
import { reporting } from "../../../src/node/rpc/lines.js";

/** Work that ends when told to, and notes that it began. */
function job(log: string[], name: string) {
  let end = (_failure?: Error): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (failure) => {
      if (failure) reject(failure);
      else resolve();
    };
  });
  const work = async () => {
    log.push(`${name} begins`);
    await ended.finally(() => log.push(`${name} ends`));
  };
  return { work, end };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("gate", () => {
  it("lets many share, one alone, and nobody pass whoever waits for that", async () => {
    const log: string[] = [];
    const gate = new Gate();
    const [a, b, alone, late] = ["a", "b", "alone", "late"].map((name) => job(log, name));
    const all = [gate.share(a!.work), gate.share(b!.work)];
    await turn();
    all.push(gate.exclude(alone!.work), gate.share(late!.work));
    await turn();
    expect(log).to.deep.equal(["a begins", "b begins"]);
    a!.end();
    await turn();
    b!.end();
    await turn();
    expect(log.slice(2)).to.deep.equal(["a ends", "b ends", "alone begins"]);
    alone!.end();
    late!.end();
    await Promise.all(all);
    expect(log.slice(5)).to.deep.equal(["alone ends", "late begins", "late ends"]);
  });

  it("goes on after failures, which reach their callers alone", async () => {
    const gate = new Gate();
    const trouble = new Error("trouble");
    const fail = () => Promise.reject(trouble);
    const calls = [gate.share(fail), gate.exclude(fail), gate.exclude(fail), gate.share(() => Promise.resolve(1))];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["rejected", "rejected", "rejected", "fulfilled"]);
    expect(await gate.exclude(() => Promise.resolve(2))).to.equal(2);
  });
});

describe("reports of work", () => {
  const take = async (steps: AsyncGenerator<number, string, undefined>) => {
    const taken: (number | string)[] = [];
    for (;;) {
      const { done, value } = await steps.next();
      taken.push(value);
      if (done) return taken;
    }
  };

  it("come before the result, the latest where they come too fast", async () => {
    const steps = reporting<number, string>(async (report) => {
      report(1);
      report(2);
      await turn();
      report(3);
      return "done";
    });
    expect(await take(steps)).to.deep.equal([2, 3, "done"]);
  });

  it("pass on a failure, after what came before it", async () => {
    const trouble = new Error("trouble");
    const steps = reporting<number, string>((report) => {
      report(1);
      return Promise.reject(trouble);
    });
    expect((await steps.next()).value).to.equal(1);
    expect(await steps.next().catch((error: unknown) => error)).to.equal(trouble);
  });
});
