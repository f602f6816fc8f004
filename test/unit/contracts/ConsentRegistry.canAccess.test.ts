// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";

import {
  ALL_PURPOSES,
  DENY,
  digest,
  ethers,
  fixture,
  label,
  loadFixture,
  now,
  pack,
  READ,
  READ_WRITE,
  recordId,
  RESEARCH,
  time,
  TREATMENT,
  WHOLE_CHART,
  WRITE,
} from "../../helpers/contracts.js";
import type { GrantTerms } from "../../helpers/contracts.js";

const CARDIOLOGY = label(1);
const IMAGING = label(2);
const CONTENT = digest("an ECG");
const NO_RECORD = ethers.ZeroHash;

/** Grants from now on for a while; asks about the practitioner, in cardiology, to read one record for treatment. */
async function asking() {
  const context = await fixture();
  const { consent, patient, practitioner } = context;
  const start = (await now()) + 1000n;
  const end = start + 1000n;
  const scopes = [recordId(patient, CARDIOLOGY, CONTENT), CARDIOLOGY, WHOLE_CHART] as const;
  const give = async (scope: string, terms: Partial<GrantTerms>) =>
    await consent.connect(patient).grant(practitioner, scope, pack({ end, ...terms }), ethers.ZeroHash);
  const may = async (
    question: { compartment?: string; content?: string; permission?: bigint; purpose?: bigint } = {},
  ) => {
    const { compartment = CARDIOLOGY, content = CONTENT, permission = READ, purpose = TREATMENT } = question;
    return await consent.canAccess(patient, practitioner, compartment, content, permission, purpose);
  };
  return { ...context, start, end, scopes, give, may };
}

const reading = { permissions: READ, purposes: TREATMENT };
const denying = { permissions: DENY };
const names = ["record", "compartment", "whole chart"] as const;
/** Which of the three scopes, narrow to wide, a question is about. */
const questions = [
  { name: "a record", content: CONTENT, compartment: CARDIOLOGY, covered: [true, true, true] },
  { name: "a compartment", content: NO_RECORD, compartment: CARDIOLOGY, covered: [false, true, true] },
  { name: "the whole chart", content: NO_RECORD, compartment: WHOLE_CHART, covered: [false, false, true] },
] as const;

describe("ConsentRegistry.canAccess", () => {
  it("is false where nothing was granted", async () => {
    const { may } = await loadFixture(asking);
    for (const question of questions) {
      expect(await may(question)).to.equal(false);
      expect(await may({ ...question, permission: WRITE })).to.equal(false);
    }
  });

  it("is true for the patient, even against a grant of DENY by somebody else", async () => {
    const { consent, patient, outsider, end } = await loadFixture(asking);
    await consent.connect(outsider).grant(patient, CARDIOLOGY, pack({ end, permissions: DENY }), ethers.ZeroHash);
    for (const { compartment, content } of questions) {
      expect(await consent.canAccess(patient, patient, compartment, content, READ, RESEARCH)).to.equal(true);
      expect(await consent.canAccess(patient, patient, compartment, content, WRITE, 0)).to.equal(true);
    }
  });

  for (const [i, name] of names.entries()) {
    it(`lets a grant on the ${name} open what it covers`, async () => {
      const { give, may, scopes } = await loadFixture(asking);
      await give(scopes[i]!, { ...reading, permissions: READ_WRITE });
      for (const question of questions) {
        expect(await may(question), question.name).to.equal(question.covered[i]);
        expect(await may({ ...question, permission: WRITE, purpose: 0n }), question.name).to.equal(question.covered[i]);
      }
    });

    it(`keeps the window of a grant on the ${name} half-open`, async () => {
      const { give, may, scopes, start, end } = await loadFixture(asking);
      await give(scopes[i]!, { ...reading, start });
      for (const [at, allowed] of [
        [start - 1n, false],
        [start, true],
        [start + 1n, true],
        [end - 1n, true],
        [end, false],
        [end + 1n, false],
      ] as const) {
        await time.increaseTo(at);
        expect(await may(), `at ${at}`).to.equal(allowed);
      }
    });

    for (const [j, other] of names.entries()) {
      if (i === j) continue;
      it(`lets the narrower of a DENY on the ${name} and a grant on the ${other} win`, async () => {
        const { give, may, scopes } = await loadFixture(asking);
        await give(scopes[i]!, denying);
        await give(scopes[j]!, { ...reading, permissions: READ_WRITE });
        for (const question of questions) {
          const granted = question.covered[j] && (j < i || !question.covered[i]);
          expect(await may(question), question.name).to.equal(granted);
          expect(await may({ ...question, permission: WRITE }), question.name).to.equal(granted);
        }
      });
    }

    it(`ends with a DENY on the ${name}, revoked or expired: the wider or narrower grant speaks again`, async () => {
      const { consent, patient, practitioner, give, may, scopes, start, end } = await loadFixture(asking);
      const scope = scopes[i]!;
      // a wider grant; for the whole chart there is none, and a DENY over it leaves nothing
      const open = i < 2;
      if (open) await give(WHOLE_CHART, { ...reading, end: end + 1000n });
      await give(scope, { ...denying, start });
      for (const [at, allowed] of [
        [start - 1n, open],
        [start, false],
        [end - 1n, false],
        [end, open],
        [end + 1n, open],
      ] as const) {
        await time.increaseTo(at);
        expect(await may(), `at ${at}`).to.equal(allowed);
      }
      await give(scope, { ...denying, end: end + 1000n });
      expect(await may()).to.equal(false);
      await consent.connect(patient).revoke(practitioner, scope);
      expect(await may()).to.equal(open);
    });
  }

  it("replaces a grant by a DENY on the same scope, and back", async () => {
    const { give, may } = await loadFixture(asking);
    for (const [terms, allowed] of [
      [reading, true],
      [denying, false],
      [reading, true],
    ] as const) {
      await give(CARDIOLOGY, terms);
      expect(await may()).to.equal(allowed);
    }
  });

  it("denies every permission and purpose, whatever purposes the DENY carries", async () => {
    const { give, may } = await loadFixture(asking);
    await give(WHOLE_CHART, { permissions: READ_WRITE, purposes: ALL_PURPOSES });
    await give(CARDIOLOGY, { permissions: DENY, purposes: RESEARCH });
    expect(await may({ purpose: TREATMENT })).to.equal(false);
    expect(await may({ purpose: RESEARCH })).to.equal(false);
    expect(await may({ permission: WRITE })).to.equal(false);
  });

  it("passes over a narrower grant that does not answer: other purpose, other permission, not in time", async () => {
    for (const narrow of [
      { permissions: READ, purposes: RESEARCH },
      { permissions: WRITE, purposes: TREATMENT },
      "later" as const,
    ]) {
      const { give, may, scopes, start } = await loadFixture(asking);
      await give(WHOLE_CHART, reading);
      for (const scope of scopes.slice(0, 2)) await give(scope, narrow === "later" ? { ...reading, start } : narrow);
      expect(await may()).to.equal(true);
    }
  });

  it("answers per purpose and per permission", async () => {
    const { give, may } = await loadFixture(asking);
    await give(CARDIOLOGY, { permissions: READ, purposes: TREATMENT | RESEARCH });
    for (let bit = 0n; bit < 63n; ++bit) {
      expect(await may({ purpose: 1n << bit }), `purpose ${bit}`).to.equal(bit === 0n || bit === 62n);
    }
    expect(await may({ permission: WRITE, purpose: TREATMENT })).to.equal(false);
    await give(CARDIOLOGY, { permissions: WRITE });
    expect(await may()).to.equal(false);
    expect(await may({ permission: WRITE })).to.equal(true);
  });

  it("ignores the purpose of a question about WRITE", async () => {
    const { give, may } = await loadFixture(asking);
    await give(CARDIOLOGY, { permissions: WRITE });
    for (const purpose of [0n, TREATMENT, RESEARCH, ALL_PURPOSES, (1n << 64n) - 1n]) {
      expect(await may({ permission: WRITE, purpose })).to.equal(true);
    }
  });

  it("is false to a malformed question, the patient's own too", async () => {
    const { consent, patient, practitioner, give, scopes } = await loadFixture(asking);
    for (const scope of scopes) await give(scope, { permissions: READ_WRITE, purposes: ALL_PURPOSES });
    const topBit = ethers.toBeHex(1n << 255n, 32);
    for (const [compartment, content, permission, purpose] of [
      [CARDIOLOGY, CONTENT, 0n, TREATMENT], // no permission, several, unknown ones
      [CARDIOLOGY, CONTENT, READ_WRITE, TREATMENT],
      [CARDIOLOGY, CONTENT, DENY, TREATMENT],
      [CARDIOLOGY, CONTENT, READ | DENY, TREATMENT],
      [CARDIOLOGY, CONTENT, WRITE | DENY, TREATMENT],
      [CARDIOLOGY, CONTENT, 8n, TREATMENT],
      [CARDIOLOGY, CONTENT, 255n, TREATMENT],
      [CARDIOLOGY, CONTENT, READ, 0n], // no purpose, several, the reserved one
      [CARDIOLOGY, CONTENT, READ, TREATMENT | RESEARCH],
      [CARDIOLOGY, CONTENT, READ, ALL_PURPOSES],
      [CARDIOLOGY, CONTENT, READ, 1n << 63n],
      [CARDIOLOGY, CONTENT, READ, (1n << 63n) | TREATMENT],
      [WHOLE_CHART, CONTENT, READ, TREATMENT], // a record in no compartment
      [WHOLE_CHART, CONTENT, WRITE, 0n],
      [topBit, CONTENT, READ, TREATMENT], // a record id as compartment
      [topBit, NO_RECORD, WRITE, 0n],
    ] as const) {
      for (const grantee of [practitioner, patient]) {
        expect(await consent.canAccess(patient, grantee, compartment, content, permission, purpose)).to.equal(false);
      }
    }
  });

  it("opens a record only in the very patient, compartment and content", async () => {
    const { consent, patient, practitioner, outsider, give, end } = await loadFixture(asking);
    const contents = [CONTENT, digest("an MRI"), CARDIOLOGY, recordId(patient, CARDIOLOGY, CONTENT)];
    const ask = async (whose: typeof patient, compartment: string, content: string) =>
      await consent.canAccess(whose, practitioner, compartment, content, READ, TREATMENT);
    await give(recordId(patient, CARDIOLOGY, CONTENT), reading);
    for (const whose of [patient, outsider]) {
      for (const compartment of [CARDIOLOGY, IMAGING, recordId(patient, CARDIOLOGY, CONTENT), WHOLE_CHART]) {
        for (const content of contents) {
          const granted = whose === patient && compartment === CARDIOLOGY && content === CONTENT;
          expect(await ask(whose, compartment, content)).to.equal(granted);
        }
      }
    }
    // the other patient grants an id that is not of a record of theirs
    const word = pack({ end, ...reading });
    const stranger = recordId(patient, IMAGING, CONTENT);
    await consent.connect(outsider).grant(practitioner, stranger, word, ethers.ZeroHash);
    expect(await ask(outsider, IMAGING, CONTENT)).to.equal(false);
    expect(await ask(patient, IMAGING, CONTENT)).to.equal(false);
  });

  it("never takes a label for a record id or a record id for a label", async () => {
    const { give, may, scopes } = await loadFixture(asking);
    const [id] = scopes;
    const asLabel = ethers.toBeHex(BigInt(id) & ~(1n << 255n), 32);
    await give(asLabel, reading);
    expect(await may()).to.equal(false);
    expect(await may({ compartment: id, content: NO_RECORD })).to.equal(false);
    await give(id, reading);
    expect(await may({ compartment: id, content: NO_RECORD })).to.equal(false);
    expect(await may({ compartment: id, content: CONTENT })).to.equal(false);
    expect(await may({ compartment: IMAGING, content: id })).to.equal(false);
  });
});
