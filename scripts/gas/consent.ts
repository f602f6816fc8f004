// SPDX-License-Identifier: Apache-2.0
/** Measures grants and delegations, each by its actor and by signature. */
import { ZeroHash, concat } from "ethers";
import type { Wallet } from "ethers";

import { END, MANAGE, READ, START, type Stage, free, label, terms, word } from "./stage.js";

const compartment = label("compartment");
const other = label("another compartment");
const capsule = word("capsule");
const purposes = 1n << 9n;
const longest = 366n * 24n * 3600n;

/** What a wallet shows of terms. */
const shown = (end = END) => ({
  ...{ read: true, write: false, group: false, lifts: 0n, purposes, start: START, end, era: 0n },
});

/** What somebody signs in one go who has not done anything: stand 0, numbers from 1 on. */
const opening = (number: bigint) => ({ stand: 0n, session: 0x12_34_56_78_9an, number });

/** Ids of one device: its lane in the upper bits, so that all but the first lie in a word that was written before. */
const lane = BigInt(word("device")) & ~0xffn;

export async function measureGrants(stage: Stage): Promise<void> {
  const { consent, send } = stage;
  const patient = stage.actor("patient");
  const grantee = stage.actor("grantee");
  const { grant, revoke, revokeMany, deny, lift, lockdown } = consent.connect(patient);
  const reading = terms(READ);
  await send(grant(grantee, compartment, reading, ZeroHash, free), "grant");
  await send(grant(grantee, other, reading, capsule, free), "grantWithCapsule");
  await send(grant(grantee, compartment, terms(READ, { end: END + 1n }), capsule, free), "regrant");
  await send(revoke(grantee, compartment, free), "revoke");
  await send(revokeMany([{ grantee, scope: other }], free), "revokeMany1");
  await send(deny(grantee, compartment, free), "deny");
  await send(lift(grantee, compartment, free), "lift");
  await send(lockdown(word("salt"), free), "lockdown");
}

export async function measureSignedGrants(stage: Stage): Promise<void> {
  const { consent, send } = stage;
  const grantee = stage.actor("grantee");
  const by = (relayer: string) => consent.connect(stage.actor(`relayer of ${relayer}`));
  const signed = async (patient: Wallet, number: bigint, end = END) => {
    const common = { patient: patient.address, grantee: grantee.address, scope: compartment, capsule };
    const value = { ...common, ...shown(end), ...opening(number) };
    const { deadline, signature } = await stage.signConsent(patient, "Grant", value);
    return {
      given: { ...common, terms: terms(READ, { end }), lifts: 0n, opening: { ...opening(number), deadline } },
      signature,
    };
  };

  const patient = stage.actor("signing patient");
  const first = await signed(patient, 1n);
  await send(by("a grant").grantBySig(first.given, first.signature, free), "grantBySig");
  const second = await signed(patient, 2n, END + 1n);
  await send(by("an update").grantBySig(second.given, second.signature, free), "grantBySigUpdate");
  const many = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => await signed(stage.actor(`signing patient ${i}`), 1n)),
  );
  const list = concat(many.flatMap(({ signature }) => ["0x0041", signature]));
  const given = many.map((one) => one.given);
  await send(by("grants").grantManyBySig(given, list, free), "grantManyBySig100Each", 100);

  const key = { grantee: grantee.address, scope: compartment };
  const revocation = await stage.signConsent(patient, "Revoke", { patient: patient.address, ...key, id: lane });
  const once = { id: lane, deadline: revocation.deadline };
  await send(by("a revocation").revokeBySig(patient, key, once, revocation.signature, free), "revokeBySig");
  const id = lane + 1n;
  const denial = await stage.signConsent(patient, "Deny", { patient: patient.address, ...key, id });
  const denying = { id, deadline: denial.deadline };
  await send(by("a denial").denyBySig(patient, key, denying, denial.signature, free), "denyBySig");
  const lockdown = await stage.signConsent(patient, "Lockdown", {
    ...{ patient: patient.address, salt: word("salt"), id: lane + 2n },
  });
  const locking = { id: lane + 2n, deadline: lockdown.deadline };
  await send(by("a lockdown").lockdownBySig(patient, word("salt"), locking, lockdown.signature, free), "lockdownBySig");

  const revoking = stage.actor("signing patient 0");
  const revocations = await stage.signConsent(revoking, "RevokeMany", {
    ...{ patient: revoking.address, grants: [key], id: lane },
  });
  const many1 = { id: lane, deadline: revocations.deadline };
  await send(
    by("revocations").revokeManyBySig(revoking, [key], many1, revocations.signature, free),
    "revokeManyBySig1",
  );
}

export async function measureDelegations(stage: Stage): Promise<void> {
  const { consent, send } = stage;
  const [patient, delegate, grantee] = [stage.actor("ward"), stage.actor("guardian"), stage.actor("grantee")];
  const by = (relayer: string) => consent.connect(stage.actor(`relayer of ${relayer}`));
  const limits = terms(READ | MANAGE, { start: longest, end: END, purposes });

  await send(consent.connect(patient).delegate(delegate, compartment, limits, free), "delegate");
  const key = {
    ...{ patient: patient.address, grantee: grantee.address },
    ...{ compartment, content: ZeroHash, under: compartment },
  };
  const given = terms(READ, { end: END - 1n });
  await send(consent.connect(delegate).grantFor(key, given, capsule, free), "grantFor");
  await send(consent.connect(delegate).revokeFor(key, free), "revokeFor");

  const standing = async (person: Wallet) => {
    const state = await consent.stateOf(person);
    return { ...opening(1n), stand: BigInt.asUintN(56, state >> 40n) };
  };
  const delegation = await consent.delegationOf(patient, delegate, compartment);
  const delegatedAt = BigInt.asUintN(32, delegation >> 192n);
  const guardians = await standing(delegate);
  const said = { read: true, write: false, group: false, purposes, start: START, end: END - 1n, era: 0n };
  const grantFor = await stage.signConsent(delegate, "GrantFor", {
    ...{ delegate: delegate.address, ...key, ...said, capsule, delegatedAt, ...guardians },
  });
  await send(
    by("a delegate's grant").grantForBySig(
      {
        ...{ delegate, key, terms: given, capsule, delegatedAt },
        opening: { ...guardians, deadline: grantFor.deadline },
      },
      grantFor.signature,
      free,
    ),
    "grantForBySigUpdate",
  );
  const revokeFor = await stage.signConsent(delegate, "RevokeFor", { delegate: delegate.address, ...key, id: lane });
  const revoking = { id: lane, deadline: revokeFor.deadline };
  await send(
    by("a delegate's revocation").revokeForBySig(delegate, key, revoking, revokeFor.signature, free),
    "revokeForBySig",
  );

  const parties = { patient: patient.address, delegate: delegate.address, scope: compartment };
  const powers = { read: true, write: false, deny: false, group: false, manage: true, purposes, longest, end: END };
  const wards = await standing(patient);
  const signed = await stage.signConsent(patient, "Delegate", { ...parties, ...powers, era: 0n, ...wards });
  await send(
    by("a delegation").delegateBySig(
      { ...parties, terms: limits, opening: { ...wards, deadline: signed.deadline } },
      signed.signature,
      free,
    ),
    "delegateBySigUpdate",
  );
  const ended = { grantee: delegate, scope: compartment };
  const end = await stage.signConsent(patient, "Undelegate", { ...parties, id: lane });
  const ending = { id: lane, deadline: end.deadline };
  await send(by("an end").undelegateBySig(patient, ended, ending, end.signature, free), "undelegateBySig");
  await send(consent.connect(patient).delegate(delegate, compartment, limits, free));
  await send(consent.connect(patient).undelegate(delegate, compartment, free), "undelegate");
}
