// SPDX-License-Identifier: Apache-2.0
/** Measures grants, delegations and announcements, each by its actor and by signature. */
import { ZeroHash, concat, encodeBytes32String } from "ethers";
import type { Wallet } from "ethers";

import { END, MANAGE, READ, START, type Stage, free, label, terms, word } from "./stage.js";

const compartment = label("compartment");
const capsule = word("capsule");
const purposes = 1n << 9n;
const longest = 366n * 24n * 3600n;

/** What a wallet shows of terms. */
const shown = (revision: bigint, end = END) => ({
  ...{ read: true, write: false, deny: false, purposes, start: START, end, asOf: 0n, revision },
});

export async function measureGrants(stage: Stage): Promise<void> {
  const { consent, send } = stage;
  const patient = stage.actor("patient");
  const grantee = stage.actor("grantee");
  const { grant, revoke, revokeMany, lockdown } = consent.connect(patient);
  const reading = terms(READ);
  const other = label("another compartment");
  await send(grant(grantee, compartment, reading, ZeroHash, free), "grant");
  await send(grant(grantee, other, reading, capsule, free), "grantWithCapsule");
  await send(grant(grantee, compartment, terms(READ, { end: END + 1n }), capsule, free), "regrant");
  await send(revoke(grantee, compartment, free), "revoke");
  await send(revokeMany([{ grantee, scope: other }], free), "revokeMany1");
  await send(lockdown(free), "lockdown");
}

export async function measureSignedGrants(stage: Stage): Promise<void> {
  const { consent, send } = stage;
  const grantee = stage.actor("grantee");
  const by = (relayer: string) => consent.connect(stage.actor(`relayer of ${relayer}`));
  const signed = async (patient: Wallet, revision: bigint, end = END) => {
    const common = { patient: patient.address, grantee: grantee.address, scope: compartment, capsule };
    const { deadline, signature } = await stage.signConsent(patient, "Grant", { ...common, ...shown(revision, end) });
    return { given: { ...common, terms: terms(READ, { end, revision }), deadline }, signature };
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

  const taken = (revision: bigint) => ({ grantee: grantee.address, scope: compartment, revision });
  const revocation = await stage.signConsent(patient, "Revoke", { patient: patient.address, ...taken(18n), asOf: 0n });
  const signing = { asOf: 0n, deadline: revocation.deadline };
  await send(by("a revocation").revokeBySig(patient, taken(18n), signing, revocation.signature, free), "revokeBySig");
  const grants = [taken(35n)];
  const revocations = await stage.signConsent(patient, "RevokeMany", { patient: patient.address, grants, asOf: 0n });
  await send(
    by("revocations").revokeManyBySig(
      ...([patient, grants, { asOf: 0n, deadline: revocations.deadline }, revocations.signature, free] as const),
    ),
    "revokeManyBySig1",
  );
  const lockdown = await stage.signConsent(patient, "Lockdown", { patient: patient.address, asOf: 0n });
  const locking = { asOf: 0n, deadline: lockdown.deadline };
  await send(by("a lockdown").lockdownBySig(patient, locking, lockdown.signature, free), "lockdownBySig");
}

export async function measureDelegations(stage: Stage): Promise<void> {
  const { consent, send } = stage;
  const [patient, delegate, grantee] = [stage.actor("ward"), stage.actor("guardian"), stage.actor("grantee")];
  const by = (relayer: string) => consent.connect(stage.actor(`relayer of ${relayer}`));
  const limits = (revision = 0n) => terms(READ | MANAGE, { start: longest, end: END, revision, purposes });
  const signedFor = async (type: "GrantFor" | "RevokeFor", value: Record<string, unknown>) =>
    await stage.signConsent(delegate, type, { delegate: delegate.address, ...value });

  await send(consent.connect(patient).delegate(delegate, compartment, limits(), free), "delegate");
  const place = {
    patient: patient.address,
    grantee: grantee.address,
    compartment,
    content: ZeroHash,
    under: compartment,
  };
  await send(
    consent.connect(delegate).grantFor({ ...place, terms: terms(READ, { end: END - 1n }), capsule }, free),
    "grantFor",
  );
  await send(consent.connect(delegate).revokeFor(place, free), "revokeFor");
  const grantFor = await signedFor("GrantFor", { ...place, capsule, ...shown(3n, END - 1n) });
  await send(
    by("a delegate's grant").grantForBySig(
      delegate,
      { ...place, terms: terms(READ, { end: END - 1n, revision: 3n }), capsule },
      grantFor.deadline,
      grantFor.signature,
      free,
    ),
    "grantForBySigUpdate",
  );
  const revokeFor = await signedFor("RevokeFor", { ...place, revision: 19n, asOf: 0n });
  const revoking = { asOf: 0n, deadline: revokeFor.deadline };
  await send(
    by("a delegate's revocation").revokeForBySig(delegate, place, 19n, revoking, revokeFor.signature, free),
    "revokeForBySig",
  );

  const parties = { patient: patient.address, delegate: delegate.address, scope: compartment };
  const powers = { read: true, write: false, deny: false, manage: true, purposes, longest, end: END, asOf: 0n };
  const delegation = await stage.signConsent(patient, "Delegate", { ...parties, ...powers, revision: 2n });
  await send(
    by("a delegation").delegateBySig(
      { ...parties, terms: limits(2n), deadline: delegation.deadline },
      delegation.signature,
      free,
    ),
    "delegateBySigUpdate",
  );
  const end = await stage.signConsent(patient, "Undelegate", { ...parties, revision: 18n, asOf: 0n });
  const ended = { grantee: delegate, scope: compartment, revision: 18n };
  const ending = { asOf: 0n, deadline: end.deadline };
  await send(by("an end").undelegateBySig(patient, ended, ending, end.signature, free), "undelegateBySig");
  await send(consent.connect(patient).undelegate(delegate, compartment, free), "undelegate");
}

export async function measureAnnouncements(stage: Stage): Promise<void> {
  const { consent, credentials, send } = stage;
  const [patient, researcher] = [stage.actor("asked"), stage.actor("asking researcher")];
  const by = (relayer: string) => consent.connect(stage.actor(`relayer of ${relayer}`));
  const role = encodeBytes32String("researcher");
  await send(credentials.connect(stage.actor("issuer")).issue(researcher, role, END, free));
  await send(consent.connect(researcher).request(patient, compartment, role, 0, READ, purposes, END, free), "request");
  await send(consent.connect(patient).decline(researcher, compartment, free), "decline");
  const refused = { requester: researcher.address, patient: patient.address, scope: compartment };
  const decline = await stage.signConsent(patient, "Decline", { ...refused, nonce: 0n, asOf: 0n });
  const declining = { asOf: 0n, deadline: decline.deadline };
  const key = { grantee: researcher, scope: compartment };
  await send(by("a refusal").declineBySig(patient, key, 0, declining, decline.signature, free), "declineBySig");

  const grantees = Array.from({ length: 14 }, (_, i) => stage.actor(`reader ${i}`).address);
  const common = { patient: patient.address, compartment, content: word("content"), capsule };
  const [one, all] = [
    { ...common, grantees: grantees.slice(0, 1) },
    { ...common, grantees },
  ];
  await send(consent.connect(patient).deliver(one, free), "deliver1");
  await send(consent.connect(patient).deliver(all, free), "deliver14");
  const delivery = await stage.signConsent(patient, "Deliver", { ...one, nonce: 1n, asOf: 0n });
  const delivering = { asOf: 0n, deadline: delivery.deadline };
  await send(by("a delivery").deliverBySig(one, 1, delivering, delivery.signature, free), "deliverBySig1");
}
