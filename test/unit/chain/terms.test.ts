import { expect } from "chai";

import {
  type Delegation,
  isActive,
  packDelegation,
  permits,
  unpackDelegation,
} from "../../../src/chain/delegation-terms.js";
import { type Purpose, purposeBits, purposes, purposesOf } from "../../../src/chain/purposes.js";
import {
  type NewTerms,
  type Power,
  packTerms,
  permissionsOf,
  permissionsToBits,
  powersOf,
  unpackTerms,
} from "../../../src/chain/terms.js";
import { checkTime, maxRevision, maxTime, packFields, unpackFields } from "../../../src/chain/word.js";
import { refused } from "../../helpers/clinic.js";

const maximal = {
  ...{ first: 2 ** 40 - 1, end: 2 ** 40 - 1, asOf: 2 ** 40 - 1 },
  ...{ purposes: 2n ** 64n - 1n, permissions: 255, revision: 2 ** 32 - 1 },
};
const minimal = { first: 0, end: 0, asOf: 0, purposes: 0n, permissions: 0, revision: 0 };
const terms: NewTerms = { start: 3, end: 5, asOf: 2, permissions: ["READ", "WRITE"], purposes: ["TREAT"] };
const delegation = { ...{ longest: 7, end: 100, asOf: 2 }, permissions: ["READ"], purposes: ["HPAYMT"] } as const;

/** `async`, so that what is thrown at once is refused as well. */
const thrown = async (work: () => unknown): Promise<unknown> => await Promise.resolve().then(work);

describe("a word of terms", () => {
  it("keeps each field apart from the others, at its place", () => {
    const places = { first: 0n, end: 40n, asOf: 80n, purposes: 120n, permissions: 184n, revision: 192n };
    for (const [field, place] of Object.entries(places)) {
      const value = maximal[field as keyof typeof maximal];
      const alone = { ...minimal, [field]: value };
      expect(packFields(alone)).to.equal(BigInt(value) << place);
      expect(unpackFields(packFields(alone))).to.deep.equal(alone);
    }
    expect(packFields(maximal)).to.equal(2n ** 224n - 1n);
    expect(unpackFields(2n ** 256n - 1n)).to.deep.equal(maximal);
    expect([maxTime, maxRevision]).to.deep.equal([2 ** 40 - 1, 2 ** 32 - 1]);
  });

  it("holds whole seconds from 0 to 2^40 − 1", async () => {
    expect(checkTime(0)).to.equal(0);
    expect(checkTime(maxTime)).to.equal(maxTime);
    for (const time of [-1, 2 ** 40, 0.5, NaN, Infinity]) {
      const error = await refused(
        thrown(() => checkTime(time)),
        "PERIOD_INVALID",
      );
      expect(error.details.time).to.deep.equal(time);
    }
  });
});

describe("the terms of a grant", () => {
  it("are packed and read", () => {
    expect(unpackTerms(packTerms(terms))).to.deep.equal({ ...terms, byDelegate: false, revision: 0 });
    const word = packTerms(terms) | (8n << 184n) | (9n << 192n);
    expect(unpackTerms(word)).to.deep.equal({ ...terms, byDelegate: true, revision: 9 });
    expect(packTerms({ ...terms, permissions: ["DENY"], purposes: [] })).to.equal(
      3n | (5n << 40n) | (2n << 80n) | (4n << 184n),
    );
    const bits = purposeBits(["TREAT"]) << 120n;
    expect(packTerms(terms)).to.equal(3n | (5n << 40n) | (2n << 80n) | bits | (3n << 184n));
  });

  it("are refused where they make no sense", async () => {
    const refusedTerms = (change: Partial<NewTerms>, code: "PERIOD_INVALID" | "INVALID_ARGUMENT", details = {}) =>
      refused(
        thrown(() => packTerms({ ...terms, ...change })),
        code,
        details,
      );
    await refusedTerms({ start: 5 }, "PERIOD_INVALID", { start: 5, end: 5 });
    await refusedTerms({ start: 6 }, "PERIOD_INVALID", { start: 6, end: 5 });
    await refusedTerms({ start: -1 }, "PERIOD_INVALID", { time: -1 });
    await refusedTerms({ end: 2 ** 40 }, "PERIOD_INVALID", { time: 2 ** 40 });
    await refusedTerms({ asOf: 0.5 }, "PERIOD_INVALID", { time: 0.5 });
    await refusedTerms({ permissions: [] }, "INVALID_ARGUMENT");
    await refusedTerms({ permissions: ["DENY", "WRITE"] }, "INVALID_ARGUMENT");
    await refusedTerms({ purposes: [] }, "INVALID_ARGUMENT");
    await refusedTerms({ purposes: ["CURIOSITY" as Purpose] }, "INVALID_ARGUMENT");
    expect(packTerms({ ...terms, start: 4 })).to.not.equal(packTerms(terms));
    expect(unpackTerms(packTerms({ ...terms, permissions: ["WRITE"], purposes: [] })).permissions).to.deep.equal([
      "WRITE",
    ]);
  });

  it("name permissions by their bits, MANAGE in delegations alone", () => {
    const all: Power[] = ["READ", "WRITE", "DENY", "MANAGE"];
    expect(all.map((power) => permissionsToBits([power]))).to.deep.equal([1, 2, 4, 16]);
    expect(permissionsToBits(all)).to.equal(23);
    expect(permissionsToBits([])).to.equal(0);
    expect(powersOf(255)).to.deep.equal(all);
    expect(permissionsOf(255)).to.deep.equal(["READ", "WRITE", "DENY"]);
    for (const power of all) expect(powersOf(permissionsToBits([power]))).to.deep.equal([power]);
    expect(powersOf(8)).to.deep.equal([]);
  });

  it("name purposes by their bits, the narrower ones along with the wider", () => {
    expect(purposes).to.have.length(63);
    expect(purposeBits(["PurposeOfUse"])).to.equal(2n ** 63n - 1n);
    expect(purposesOf(2n ** 63n - 1n)).to.deep.equal(["PurposeOfUse"]);
    expect(purposeBits([])).to.equal(0n);
    for (const [index, purpose] of purposes.entries()) {
      expect((purposeBits([purpose]) >> BigInt(index)) & 1n).to.equal(1n);
      expect(purposesOf(purposeBits([purpose]))).to.deep.equal([purpose]);
    }
  });
});

describe("the terms of a delegation", () => {
  it("are packed and read", () => {
    const word = packDelegation({ ...delegation, permissions: ["READ", "MANAGE"] });
    const bits = purposeBits(["HPAYMT"]) << 120n;
    expect(word).to.equal(7n | (100n << 40n) | (2n << 80n) | bits | (17n << 184n));
    expect(unpackDelegation(word | (4n << 192n))).to.deep.equal({
      ...{ longest: 7, end: 100, asOf: 2 },
      ...{ purposes: ["HPAYMT"], permissions: ["READ", "MANAGE"], revision: 4 },
    });
    // a delegate may be let shut and manage without anything else
    expect(
      powersOf(Number(packDelegation({ ...delegation, permissions: ["DENY", "MANAGE"], purposes: [] }) >> 184n)),
    ).to.deep.equal(["DENY", "MANAGE"]);
  });

  it("are refused where they make no sense", async () => {
    for (const field of ["longest", "end", "asOf"] as const) {
      await refused(
        thrown(() => packDelegation({ ...delegation, [field]: -1 })),
        "PERIOD_INVALID",
        { time: -1 },
      );
    }
    for (const change of [{ permissions: [] }, { purposes: [] }]) {
      await refused(
        thrown(() => packDelegation({ ...delegation, ...change })),
        "INVALID_ARGUMENT",
      );
    }
  });

  it("hold until just before their end, and not after a lockdown", () => {
    const standing: Delegation = { ...delegation, revision: 1 };
    expect([98, 99, 100, 101].map((time) => isActive(standing, time, 2))).to.deep.equal([true, true, false, false]);
    expect([1, 2, 3].map((lockdown) => isActive(standing, 1, lockdown))).to.deep.equal([false, true, false]);
  });

  it("permit no more than they say", () => {
    const limits: Delegation = { ...delegation, permissions: ["READ", "DENY"], revision: 1 };
    const can = (change: Partial<NewTerms>, time = 10): boolean =>
      permits(limits, { end: 17, permissions: ["READ"], purposes: ["HPAYMT"], ...change }, time);
    expect(can({})).to.equal(true);
    expect(can({ end: 18 })).to.equal(false);
    expect(can({ end: 100 }, 93)).to.equal(true);
    expect(can({ end: 101 }, 94)).to.equal(false);
    expect(can({ permissions: ["WRITE"], purposes: [] })).to.equal(false);
    expect(can({ permissions: ["READ", "WRITE"] })).to.equal(false);
    expect(can({ permissions: ["DENY"], purposes: [] })).to.equal(true);
    expect(can({ purposes: ["COVERAGE"] })).to.equal(true);
    expect(can({ purposes: ["TREAT"] })).to.equal(false);
    expect(can({ purposes: ["HPAYMT", "TREAT"] })).to.equal(false);
  });
});
