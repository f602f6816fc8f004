import { expect } from "chai";
import { toBeHex } from "ethers";

import { deliver } from "../../../src/chain/announcements.js";
import { amend, attestErasure, requestErasure } from "../../../src/chain/corrections.js";
import { contestCredential, credentialsOf, revokeCredential } from "../../../src/chain/credentials.js";
import { delegate } from "../../../src/chain/delegations.js";
import { createGroup, setMembers } from "../../../src/chain/groups.js";
import { recordIdOf, roleId, wholeChart } from "../../../src/chain/ids.js";
import { pointVault, publishKey } from "../../../src/chain/keys.js";
import { unpackLink } from "../../../src/chain/links.js";
import { placeOf } from "../../../src/chain/logs.js";
import { anchor, point } from "../../../src/chain/records.js";
import { requestAccess } from "../../../src/chain/requests.js";
import { anchorRoot } from "../../../src/chain/roots.js";
import { witness } from "../../../src/chain/stamps.js";
import {
  anchorOfWord,
  credentialOfWord,
  filingOfWord,
  memberOfWord,
  newestOfWords,
} from "../../../src/chain/stored-words.js";
import {
  type Slot,
  anchorSlot,
  announcementsSlot,
  attestedSlot,
  chartSlot,
  credentialCountSlot,
  credentialSlot,
  delegationSlot,
  deliveriesSlot,
  filingSlot,
  grantSlot,
  groupSlot,
  groupsSlot,
  historySlot,
  keySlots,
  memberSlot,
  originSlot,
  pointersSlot,
  requestSlot,
  rootSlot,
  stateSlot,
  usedSlot,
  vaultSlots,
  witnessSlot,
} from "../../../src/chain/slots.js";
import { Group__factory } from "../../../src/chain/typechain/index.js";
import { viewOf } from "../../../src/chain/view.js";
import { digest, give, label, loadFixture, registries } from "../../helpers/chain.js";

const imaging = label("imaging");
const [ecg, corrected] = [digest("an ECG"), digest("a corrected ECG")];
const role = roleId("practitioner");

/** A chain on which there is something in every kind of slot. */
async function full() {
  const context = await registries();
  const { patient, doctor, nurse, carer, issuer, operator, end, now } = context;
  await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
  await give(patient, nurse, wholeChart, { permissions: ["READ"], end });
  const terms = { longest: 100, end, permissions: ["READ", "MANAGE"], purposes: ["TREAT"] } as const;
  await delegate(patient, { delegate: carer.address, scope: imaging, terms });
  const name = { patient: patient.address, compartment: imaging, content: ecg };
  await anchor(doctor, name, digest("a manifest"));
  await point(doctor, name, digest("a newer manifest"));
  await amend(doctor, name, { content: corrected, manifest: digest("another manifest"), reason: "wrong unit" });
  await requestErasure(patient, imaging, ecg);
  await attestErasure(operator, name, "storage", now + 100);
  await anchorRoot(doctor, { root: digest("a root"), count: 1 }, digest("leaves"));
  await witness(doctor, digest("a stamp"));
  await deliver(doctor, { ...name, grantees: [nurse.address], capsule: digest("a capsule") });
  const wish = { patient: patient.address, scope: imaging, role: "practitioner", permissions: ["WRITE"], end } as const;
  await requestAccess(doctor, { ...wish, purposes: [] }, now + 100);
  await publishKey(nurse, new Uint8Array(1216).fill(1));
  await pointVault(nurse, digest("a vault"));
  const fees = { gasPrice: 0 };
  await nurse.consentRegistry.cancel([(7n << 128n) | 300n], fees);
  const [credential] = await credentialsOf(issuer, doctor.address, "practitioner");
  const ended = credential!.from + 1;
  await revokeCredential(issuer, doctor.address, "practitioner", ended);
  await contestCredential(doctor, "practitioner");
  return { ...context, recordId: recordIdOf(patient.address, imaging, ecg), ended };
}

describe("slots", () => {
  it("are where the contracts keep their words", async () => {
    const { patient, doctor, nurse, carer, operator, recordId } = await loadFixture(full);
    const { consentRegistry: consent, recordRegistry: records, announcements, keyRegistry: keys } = nurse;
    const replaced = recordIdOf(patient.address, imaging, corrected);
    const me = patient.address;
    const answers: [Slot, bigint][] = [
      [stateSlot(me), await consent.stateOf(me)],
      [grantSlot(me, doctor.address, imaging), await consent.grantOf(me, doctor.address, imaging)],
      [grantSlot(me, nurse.address, wholeChart), await consent.grantOf(me, nurse.address, wholeChart)],
      [delegationSlot(me, carer.address, imaging), await consent.delegationOf(me, carer.address, imaging)],
      [chartSlot(me), await records.chartOf(me)],
      [historySlot(me), await records.historyOf(me)],
      [pointersSlot(recordId), await records.pointersOf(recordId)],
      [originSlot(replaced), BigInt(await records.originOf(replaced))],
      [attestedSlot(recordId, operator.address), await records.erasureAttestedAt(recordId, operator.address)],
      [rootSlot(doctor.address, digest("a root")), await records.rootAnchoredAt(doctor.address, digest("a root"))],
      [witnessSlot(doctor.address, digest("a stamp")), await records.witnessedAt(doctor.address, digest("a stamp"))],
      [deliveriesSlot(me, nurse.address), await announcements.deliveriesOf(me, nurse.address)],
      [requestSlot(me, 1), BigInt(await announcements.requestOf(me, 1))],
      [
        announcementsSlot(me),
        (await announcements.announcementsOf(me)) | ((await announcements.requestsOf(me)) << 64n),
      ],
      [credentialCountSlot(doctor.address, role), await nurse.credentialRegistry.credentialCount(doctor.address, role)],
      [usedSlot("ConsentRegistry", nurse.address, (7n << 128n) | 300n), 1n << (300n % 256n)],
    ];
    const { words, checkedBy } = await viewOf(nurse);
    const told = await words(answers.map(([slot]) => slot));
    expect(await checkedBy()).to.equal("proof");
    for (const [place, [slot, answer]] of answers.entries()) {
      expect(answer, `answer ${place}`).to.not.equal(0n);
      expect(told[place], `slot ${place} of ${slot.contract}`).to.equal(answer);
    }
    const [first = 0n, second = 0n] = await words(keySlots(nurse.address));
    const key = await keys.keyOf(nurse.address);
    expect([first, BigInt(key.digest)]).to.deep.equal([BigInt(key.digest), first]);
    expect(newestOfWords(first, second)).to.deep.include({ digest: key.digest, number: 1, since: Number(key.since) });
    const [pointer = 0n, more = 0n] = await words(vaultSlots(nurse.address));
    const vault = newestOfWords(pointer, more);
    expect(vault).to.deep.include({ digest: digest("a vault"), number: 1 });
    expect(vault?.block).to.equal((newestOfWords(first, second)?.block ?? 0) + 1);
    expect(newestOfWords(0n, 0n)).to.equal(undefined);
  });

  it("have words that say what the contracts say", async () => {
    const { patient, doctor, issuer, nurse, recordId, until, ended } = await loadFixture(full);
    const { words } = await viewOf(nurse);
    const [anchored = 0n, issued = 0n, filed = 0n, chart = 0n] = await words([
      anchorSlot(recordId),
      credentialSlot(doctor.address, role, 0),
      filingSlot(doctor.address, role, 0),
      chartSlot(patient.address),
    ]);
    const { author, anchoredAt, status, index } = await nurse.recordRegistry.anchorOf(recordId);
    const kept = anchorOfWord(anchored);
    expect(kept).to.deep.include({ author, anchoredAt: Number(anchoredAt), index: Number(index), status: "erased" });
    expect(Number(status)).to.equal(4);
    const [event] = await nurse.recordRegistry.queryFilter(nurse.recordRegistry.filters.Anchored(patient.address));
    expect(kept?.block).to.equal(event?.blockNumber);
    expect(anchorOfWord(0n)).to.equal(undefined);
    const credential = (await nurse.credentialRegistry.credentialsOf(doctor.address, role, 0, 1))[0]!;
    expect(credentialOfWord(issued)).to.deep.equal({
      ...{ issuer: credential.issuer, from: Number(credential.from), until: ended, ending: "contested" },
    });
    expect(credentialOfWord(0n)).to.equal(undefined);
    const filing = await nurse.credentialRegistry.filingOf(doctor.address, role, 0);
    expect(filingOfWord(filed)).to.deep.equal({
      ...{ by: issuer.address, filedAt: Number(filing.filedAt), formerUntil: until },
    });
    expect(unpackLink(chart).number).to.equal(2);
  });

  it("of a group are at its own address", async () => {
    const { issuer, nurse, end } = await loadFixture(registries);
    const group = await createGroup(issuer);
    await createGroup(issuer);
    await setMembers(issuer, group, [issuer.address, nurse.address], end, ["TREAT"]);
    const contract = Group__factory.connect(group, nurse.provider);
    const { words } = await viewOf(nurse);
    const [kept = 0n, member = 0n, none, created, other] = await words([
      ...[groupSlot(group), memberSlot(group, nurse.address), memberSlot(group, group), groupsSlot(issuer.address)],
      stateSlot(nurse.address),
    ]);
    expect(BigInt.asUintN(160, kept)).to.equal(BigInt(await contract.manager()));
    expect(BigInt.asUintN(32, kept >> 160n)).to.equal(await contract.nextNumber());
    expect([kept >> 192n, unpackLink(kept >> 192n).number]).to.deep.equal([await contract.membersOf(), 2]);
    const { until, purposes } = await contract.memberOf(nurse.address);
    expect(memberOfWord(member)).to.deep.equal({ until: Number(until), purposes });
    expect(created).to.equal(await nurse.groupFactory.groupsOf(issuer.address));
    expect([none, other]).to.deep.equal([0n, 0n]);
  });

  it("that were never written have no word", async () => {
    const { nurse } = await loadFixture(registries);
    const { words } = await viewOf(nurse);
    const nobody = toBeHex(7, 20);
    const empty = [stateSlot(nobody), anchorSlot(toBeHex(7, 32)), announcementsSlot(nobody), ...keySlots(nobody)];
    expect(await words(empty)).to.deep.equal(empty.map(() => 0n));
    expect(await words([])).to.deep.equal([]);
  });
});

describe("places on the chain", () => {
  it("grow with blocks, and within a block with its logs", () => {
    const places = [
      { block: 0, index: 0 },
      { block: 0, index: 7 },
      { block: 1, index: 0 },
      { block: 1, index: 1_000_000 },
      { block: 2, index: 0 },
      { block: 4_000_000_000, index: 3 },
    ].map(placeOf);
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(new Set(places).size).to.equal(places.length);
    expect(places.every(Number.isSafeInteger)).to.equal(true);
  });
});
