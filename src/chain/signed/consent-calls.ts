import type { Chain } from "../connection.js";
import { packFields } from "../word.js";
import { type Flags, permissionBitsOf } from "./basis.js";
import type { Calls } from "./calls.js";
import type { ActionType, SignedMessages } from "./types.js";

/** The calls of ConsentRegistry. */
export function consentCalls({ consentRegistry: consent }: Chain): Calls<Opening | Shutting> {
  return { ...openingCalls(consent), ...shuttingCalls(consent) };
}

/** What `grantBySig` and `grantManyBySig` take. */
export function grantStruct(message: SignedMessages["Grant"]) {
  const { patient, grantee, scope, capsule, lifts } = message;
  return {
    patient,
    grantee,
    scope,
    terms: wordOf(message, message.start),
    capsule,
    lifts,
    opening: openingIn(message),
  };
}

type Opening = Extract<ActionType, "Grant" | "Lift" | "Delegate" | "GrantFor">;
type Shutting = Extract<
  ActionType,
  "Revoke" | "RevokeMany" | "Deny" | "Undelegate" | "Lockdown" | "RevokeFor" | "DenyFor"
>;
type Consent = Chain["consentRegistry"];

function openingCalls(consent: Consent): Calls<Opening> {
  return {
    Grant: (given, sig) => (fees) => consent.grantBySig(grantStruct(given), sig, fees),
    Lift:
      ({ patient, grantee, scope, era, ...opening }, sig) =>
      (fees) =>
        consent.liftBySig({ patient, grantee, scope, era, opening }, sig, fees),
    Delegate: (given, sig) => (fees) => {
      const { patient, delegate, scope, longest } = given;
      const named = { patient, delegate, scope, terms: wordOf(given, longest), opening: openingIn(given) };
      return consent.delegateBySig(named, sig, fees);
    },
    GrantFor: (given, sig) => (fees) => {
      const { delegate, patient, grantee, compartment, content, under, capsule, delegatedAt, start } = given;
      const key = { patient, grantee, compartment, content, under };
      const terms = wordOf(given, start);
      const named = { delegate, key, terms, capsule, delegatedAt, opening: openingIn(given) };
      return consent.grantForBySig(named, sig, fees);
    },
  };
}

function shuttingCalls(consent: Consent): Calls<Shutting> {
  return {
    Revoke:
      ({ patient, grantee, scope, ...once }, sig) =>
      (fees) =>
        consent.revokeBySig(patient, { grantee, scope }, once, sig, fees),
    RevokeMany:
      ({ patient, grants, ...once }, sig) =>
      (fees) =>
        consent.revokeManyBySig(patient, [...grants], once, sig, fees),
    Deny:
      ({ patient, grantee, scope, ...once }, sig) =>
      (fees) =>
        consent.denyBySig(patient, { grantee, scope }, once, sig, fees),
    Undelegate:
      ({ patient, delegate, scope, ...once }, sig) =>
      (fees) =>
        consent.undelegateBySig(patient, { grantee: delegate, scope }, once, sig, fees),
    Lockdown:
      ({ patient, salt, ...once }, sig) =>
      (fees) =>
        consent.lockdownBySig(patient, salt, once, sig, fees),
    RevokeFor:
      ({ delegate, id, deadline, ...key }, sig) =>
      (fees) =>
        consent.revokeForBySig(delegate, key, { id, deadline }, sig, fees),
    DenyFor:
      ({ delegate, id, deadline, ...key }, sig) =>
      (fees) =>
        consent.denyForBySig(delegate, key, { id, deadline }, sig, fees),
  };
}

/** What the messages of grants and delegations have in common. */
interface Shown extends Flags {
  readonly purposes: string;
  readonly end: number;
  readonly era: number;
}

/** The word that a message shows field by field. */
export function wordOf(terms: Shown, first: number): bigint {
  const { end, era, purposes } = terms;
  return packFields({
    first,
    end,
    era,
    purposes: BigInt(purposes),
    permissions: permissionBitsOf(terms),
    writtenAt: 0,
    index: 0,
  });
}

function openingIn({
  stand,
  session,
  number,
  deadline,
}: Pick<SignedMessages["Grant"], "stand" | "session" | "number" | "deadline">) {
  return { stand, session, number, deadline };
}
