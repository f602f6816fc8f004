import { AbiCoder, keccak256 } from "ethers";

import type { Chain } from "../connection.js";
import { type GrantKey, grantOf, stateOf } from "../consent.js";
import { delegationOf } from "../delegations.js";
import { type Hex32, scopeOf, wholeChart } from "../ids.js";
import { eventsIn } from "../logs.js";
import { type Slot, delegationSlot, grantSlot } from "../slots.js";
import { denies, unpackTerms } from "../terms.js";
import type { GrantedEvent } from "../typechain/contracts/ConsentRegistry.js";
import { viewOf } from "../view.js";
import { wordOf } from "./consent-calls.js";
import type { SignedMessages, SigningContract, TypesOf } from "./types.js";

/** By kind of action, whether what it asks for stands. */
export type Standing<Contract extends SigningContract> = {
  readonly [Type in TypesOf<Contract>]: (chain: Chain, message: SignedMessages[Type]) => Promise<boolean>;
};

/** What ConsentRegistry takes. */
export const standingConsents: Standing<"ConsentRegistry"> = {
  Grant: async (chain, given) => {
    return isGranted(chain, given, given.scope, wordOf(given, given.start));
  },
  Lift: async (chain, { patient, grantee, scope }) => !(await isDenied(chain, patient, { grantee, scope })),
  Delegate: async (chain, given) => {
    const { patient, delegate, scope, longest } = given;
    const { said } = await saidIn(chain, patient, delegationSlot(patient, delegate, scope));
    return said === wordOf(given, longest);
  },
  GrantFor: async (chain, given) => {
    const scope = scopeOf(given.patient, given.compartment, given.content);
    return isGranted(chain, given, scope, wordOf(given, given.start) | byDelegate);
  },
  Revoke: (chain, { patient, grantee, scope }) => isVacant(chain, patient, { grantee, scope }),
  RevokeMany: async (chain, { patient, grants }) => {
    const vacant = await Promise.all(grants.map((key) => isVacant(chain, patient, key)));
    return vacant.every((each) => each);
  },
  Deny: async (chain, { patient, grantee, scope }) => {
    const { permissions, byDelegate: isAnothers } = await grantOf(chain, patient, grantee, scope);
    return permissions.includes("DENY") && !isAnothers;
  },
  Undelegate: async (chain, { patient, delegate, scope }) =>
    (await delegationOf(chain, patient, delegate, scope)).permissions.length === 0,
  Lockdown: async (chain, { patient, salt }) =>
    (await stateOf(chain, patient)).era % 2 ** 24 === drawnOf(patient, salt),
  RevokeFor: (chain, { patient, grantee, compartment, content }) =>
    isVacant(chain, patient, { grantee, scope: scopeOf(patient, compartment, content) }),
  DenyFor: (chain, { patient, grantee, compartment, content }) =>
    isDenied(chain, patient, { grantee, scope: scopeOf(patient, compartment, content) }),
};

/** What a lockdown with this salt brings into the era that it begins: its lowest 24 bits (`PersonStates.inNextEra`). */
export function drawnOf(patient: string, salt: Hex32): number {
  const hash = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "address"], [salt, patient]));
  return Number(BigInt.asUintN(24, BigInt(hash)));
}

/** Set by the contract in what a delegate gives. */
const byDelegate = 8n << 184n;

/** What a slot of a patient's says, where it is of their present era: its lowest 192 bits are the granter's, the others tell where it lies. */
async function saidIn(chain: Chain, patient: string, slot: Slot): Promise<{ said: bigint; writtenAt: number }> {
  const view = await viewOf(chain);
  const [word = 0n] = await view.words([slot]);
  const { era } = await stateOf(chain, patient, view);
  const terms = unpackTerms(word);
  // what a lockdown voided does not stand, though its word does
  return { said: terms.era === era ? BigInt.asUintN(192, word) : 0n, writtenAt: terms.writtenAt };
}

/** Whether this grant stands, and came with this capsule where one is named. */
async function isGranted(
  chain: Chain,
  { patient, grantee, capsule }: Pick<SignedMessages["Grant"], "patient" | "grantee" | "capsule">,
  scope: Hex32,
  wanted: bigint,
): Promise<boolean> {
  const { said, writtenAt } = await saidIn(chain, patient, grantSlot(patient, grantee, scope));
  if (said !== wanted) return false;
  if (capsule === wholeChart) return true;
  const query = { contract: "ConsentRegistry", names: ["Granted"], topics: [patient, grantee, scope] } as const;
  const events = await eventsIn<{ Granted: GrantedEvent.OutputObject }>(chain, query, writtenAt, writtenAt);
  return events.at(-1)?.args.capsule === capsule;
}

async function isVacant(chain: Chain, patient: string, { grantee, scope }: GrantKey): Promise<boolean> {
  return (await grantOf(chain, patient, grantee, scope)).permissions.length === 0;
}

async function isDenied(chain: Chain, patient: string, { grantee, scope }: GrantKey): Promise<boolean> {
  const view = await viewOf(chain);
  const { era } = await stateOf(chain, patient, view);
  return denies(await grantOf(chain, patient, grantee, scope, view), era);
}
