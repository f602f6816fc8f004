import { expect } from "chai";

import {
  type Delegation,
  isActive,
  packDelegation,
  permits,
  unpackDelegation,
} from "../../../src/chain/delegation-terms.js";
import { unpackChange, unpackLink } from "../../../src/chain/links.js";
import { lockdownsOf, unpackPersonState } from "../../../src/chain/person-state.js";
import { type Purpose, purposeBits, purposes, purposesOf } from "../../../src/chain/purposes.js";
import {
  type Grantable,
  type NewTerms,
  type Power,
  type Terms,
  denies,
  isInForce,
  packTerms,
  permissionsOf,
  permissionsToBits,
  powersOf,
  unpackTerms,
} from "../../../src/chain/terms.js";
import { checkTime, maxTime, packFields, unpackFields } from "../../../src/chain/word.js";
import { refused } from "../../helpers/clinic.js";

const maximal = {
  ...{ first: 2 ** 40 - 1, end: 2 ** 40 - 1, era: 2 ** 40 - 1 },
  ...{ purposes: 2n ** 64n - 1n, permissions: 255, writtenAt: 2 ** 32 - 1, index: 2 ** 32 - 1 },
};
const minimal = { first: 0, end: 0, era: 0, purposes: 0n, permissions: 0, writtenAt: 0, index: 0 };
const terms: NewTerms = { start: 3, end: 5, permissions: ["READ", "WRITE"], purposes: ["TREAT"] };
const standing: Terms = { ...terms, era: 2, group: false, byDelegate: false, writtenAt: 0, index: 0 };
const given = { ...{ longest: 7, end: 100 }, permissions: ["READ"], purposes: ["HPAYMT"] } as const;
const delegation: Delegation = { ...given, era: 2, group: false, writtenAt: 8, index: 1 };

/** `async`, so that what is thrown at once is refused as well. */
const thrown = async (work: () => unknown): Promise<unknown> => await Promise.resolve().then(work);

describe("a word of terms", () => {
  it("keeps each field apart from the others, at its place", () => {
    const places = {
      ...{ first: 0n, end: 40n, era: 80n, purposes: 120n, permissions: 184n },
      ...{ writtenAt: 192n, index: 224n },
    };
    for (const [field, place] of Object.entries(places)) {
      const value = maximal[field as keyof typeof maximal];
      const alone = { ...minimal, [field]: value };
      expect(packFields(alone)).to.equal(BigInt(value) << place);
      expect(unpackFields(packFields(alone))).to.deep.equal(alone);
    }
    expect(packFields(maximal)).to.equal(2n ** 256n - 1n);
    expect(unpackFields(2n ** 256n - 1n)).to.deep.equal(maximal);
    expect(maxTime).to.equal(2 ** 40 - 1);
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
    expect(unpackTerms(packTerms(terms, 2))).to.deep.equal(standing);
    expect(unpackTerms(packTerms(terms)).era).to.equal(0);
    const word = packTerms(terms, 2) | (8n << 184n) | (9n << 192n) | (7n << 224n);
    expect(unpackTerms(word)).to.deep.equal({ ...standing, byDelegate: true, writtenAt: 9, index: 7 });
    const bits = purposeBits(["TREAT"]) << 120n;
    expect(packTerms(terms, 2)).to.equal(3n | (5n << 40n) | (2n << 80n) | bits | (3n << 184n));
    const group = { ...terms, permissions: ["READ"], group: true } as const;
    expect(packTerms(group)).to.equal(3n | (5n << 40n) | bits | (17n << 184n));
    expect(unpackTerms(packTerms(group)).group).to.equal(true);
    expect(packTerms({ ...terms, group: false })).to.equal(packTerms(terms));
    const denial = 4n << 184n;
    expect(unpackTerms(denial)).to.deep.include({ permissions: ["DENY"], start: 0, end: 0 });
    const nothing = { start: 0, end: 0, era: 0, permissions: [], purposes: [], group: false, byDelegate: false };
    expect(unpackTerms(0n)).to.deep.equal({ ...nothing, writtenAt: 0, index: 0 });
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
    await refused(
      thrown(() => packTerms(terms, 0.5)),
      "PERIOD_INVALID",
      { time: 0.5 },
    );
    await refusedTerms({ permissions: [] }, "INVALID_ARGUMENT");
    for (const shut of [["DENY"], ["DENY", "WRITE"], ["MANAGE"]] as unknown as Grantable[][])
      await refusedTerms({ permissions: shut }, "INVALID_ARGUMENT");
    await refusedTerms({ purposes: [] }, "INVALID_ARGUMENT");
    await refusedTerms({ purposes: ["CURIOSITY" as Purpose] }, "INVALID_ARGUMENT");
    await refusedTerms({ group: true }, "INVALID_ARGUMENT");
    await refusedTerms({ group: true, permissions: ["WRITE"] }, "INVALID_ARGUMENT");
    expect(packTerms({ ...terms, start: 4 })).to.not.equal(packTerms(terms));
    expect(unpackTerms(packTerms({ ...terms, permissions: ["WRITE"], purposes: [] })).permissions).to.deep.equal([
      "WRITE",
    ]);
  });

  it("are in force from their start until just before their end, in their era", () => {
    expect([2, 3, 4, 5].map((time) => isInForce(standing, 2, time))).to.deep.equal([false, true, true, false]);
    expect([1, 2, 3].map((era) => isInForce(standing, era, 4))).to.deep.equal([false, true, false]);
    expect(isInForce({ ...standing, permissions: ["DENY"] }, 2, 4)).to.equal(false);
  });

  it("shut a door in every era where the patient shut it, in its own where a delegate did", () => {
    const denial: Terms = { ...standing, permissions: ["DENY"], start: 0, end: 0 };
    expect([1, 2, 3].map((era) => denies(denial, era))).to.deep.equal([true, true, true]);
    expect([1, 2, 3].map((era) => denies({ ...denial, byDelegate: true }, era))).to.deep.equal([false, true, false]);
    expect(denies(standing, 2)).to.equal(false);
  });

  it("name permissions by their bits, MANAGE in delegations alone", () => {
    const all: Power[] = ["READ", "WRITE", "DENY", "MANAGE"];
    expect(all.map((power) => permissionsToBits([power]))).to.deep.equal([1, 2, 4, 64]);
    expect(permissionsToBits(all)).to.equal(71);
    expect(permissionsToBits([])).to.equal(0);
    expect(powersOf(255)).to.deep.equal(all);
    expect(permissionsOf(255)).to.deep.equal(["READ", "WRITE", "DENY"]);
    for (const power of all) expect(powersOf(permissionsToBits([power]))).to.deep.equal([power]);
    expect(powersOf(8 | 16 | 32)).to.deep.equal([]);
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
    const word = packDelegation({ ...given, permissions: ["READ", "MANAGE"] }, 2);
    const bits = purposeBits(["HPAYMT"]) << 120n;
    expect(word).to.equal(7n | (100n << 40n) | (2n << 80n) | bits | (65n << 184n));
    expect(unpackDelegation(word | (4n << 192n) | (3n << 224n))).to.deep.equal({
      ...delegation,
      ...{ permissions: ["READ", "MANAGE"], writtenAt: 4, index: 3 },
    });
    expect(unpackDelegation(packDelegation(given)).era).to.equal(0);
    const group = packDelegation({ ...given, group: true });
    expect(group).to.equal(packDelegation(given) | (16n << 184n));
    expect(unpackDelegation(group).group).to.equal(true);
    // a delegate may be let shut and manage without anything else
    expect(
      powersOf(Number(packDelegation({ ...given, permissions: ["DENY", "MANAGE"], purposes: [] }) >> 184n)),
    ).to.deep.equal(["DENY", "MANAGE"]);
  });

  it("are refused where they make no sense", async () => {
    for (const field of ["longest", "end"] as const) {
      await refused(
        thrown(() => packDelegation({ ...given, [field]: -1 })),
        "PERIOD_INVALID",
        { time: -1 },
      );
    }
    await refused(
      thrown(() => packDelegation(given, -1)),
      "PERIOD_INVALID",
      { time: -1 },
    );
    for (const change of [{ permissions: [] }, { purposes: [] }, { permissions: ["WRITE"], group: true }] as const) {
      await refused(
        thrown(() => packDelegation({ ...given, ...change })),
        "INVALID_ARGUMENT",
      );
    }
  });

  it("hold until just before their end, in their era, and not once they are taken back", () => {
    expect([98, 99, 100, 101].map((time) => isActive(delegation, 2, time))).to.deep.equal([true, true, false, false]);
    expect([1, 2, 3].map((era) => isActive(delegation, era, 1))).to.deep.equal([false, true, false]);
    expect(isActive({ ...delegation, permissions: [] }, 2, 1)).to.equal(false);
  });

  it("permit no more than they say", () => {
    const limits: Delegation = { ...delegation, permissions: ["READ", "DENY"] };
    const can = (change: Partial<NewTerms>, time = 10, of = limits): boolean =>
      permits(of, { end: 17, permissions: ["READ"], purposes: ["HPAYMT"], ...change }, time);
    expect(can({})).to.equal(true);
    expect(can({ end: 18 })).to.equal(false);
    expect(can({ end: 100 }, 93)).to.equal(true);
    expect(can({ end: 101 }, 94)).to.equal(false);
    expect(can({ permissions: ["WRITE"], purposes: [] })).to.equal(false);
    expect(can({ permissions: ["READ", "WRITE"] })).to.equal(false);
    expect(can({ purposes: ["COVERAGE"] })).to.equal(true);
    expect(can({ purposes: ["TREAT"] })).to.equal(false);
    expect(can({ purposes: ["HPAYMT", "TREAT"] })).to.equal(false);
    expect(can({ group: true })).to.equal(false);
    expect(can({ group: true }, 10, { ...limits, group: true })).to.equal(true);
    expect(can({}, 10, { ...limits, group: true })).to.equal(true);
  });
});

describe("the state of a person", () => {
  it("is read field by field", () => {
    const state = {
      ...{ era: 2 ** 40 - 1, stand: 2n ** 56n - 2n, number: 2 ** 16 - 3 },
      ...{ changes: { number: 4, lastAt: 5 }, slots: { number: 6, lastAt: 7 }, byDelegates: 2 ** 16 - 8 },
    };
    const word =
      BigInt(state.era) |
      (state.stand << 40n) |
      (BigInt(state.number) << 96n) |
      (4n << 112n) |
      (5n << 144n) |
      (6n << 176n) |
      (7n << 208n) |
      (BigInt(state.byDelegates) << 240n);
    expect(unpackPersonState(word)).to.deep.equal(state);
    expect(lockdownsOf({ era: 3 * 2 ** 24 + 9 })).to.equal(3);
    expect(lockdownsOf({ era: 2 ** 24 - 1 })).to.equal(0);
  });

  it("has heads of lists, and changes have places", () => {
    expect(unpackLink(3n | (5n << 32n) | (7n << 64n))).to.deep.equal({ number: 3, lastAt: 5 });
    expect(unpackChange(3n | (5n << 32n) | (7n << 64n))).to.deep.equal({ number: 3, before: 5, slotBefore: 7 });
  });
});
