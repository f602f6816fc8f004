import type { ContractTransactionResponse } from "ethers";

import type { Chain } from "../connection.js";
import type { Fees } from "../differences.js";
import { Group__factory } from "../typechain/index.js";
import type { SignedAction } from "./action.js";
import { permissionBitsOf } from "./basis.js";
import { checkAttached, checkMessage } from "./check.js";
import { consentCalls } from "./consent-calls.js";
import type { ActionType, Attachments, SignedMessages } from "./types.js";

/** Sends what somebody signed, with the fees that the chain wants. */
export type Call = (fees: Fees) => Promise<ContractTransactionResponse>;

/** By kind of action, its call. */
export type Calls<Type extends ActionType> = {
  readonly [Each in Type]: (
    message: SignedMessages[Each],
    signature: string,
    attached: Each extends keyof Attachments ? Attachments[Each] : undefined,
  ) => Call;
};

/**
 * The call that carries a signed action.
 * @throws INVALID_ARGUMENT for what is no such action
 */
export function callOf(chain: Chain, { type, contract, message, attached, signature }: SignedAction): Call {
  const calls: Calls<ActionType> = {
    ...consentCalls(chain),
    ...announcementCalls(chain),
    ...recordCalls(chain),
    ...keyCalls(chain),
    ...groupCalls(chain, contract),
  };
  const call = calls[type] as (message: unknown, signature: string, attached: unknown) => Call;
  const besides = type === "ClaimLeaf" || type === "Withdraw" ? checkAttached(type, attached) : undefined;
  return call(checkMessage(type, message), signature, besides);
}

function announcementCalls({ announcements }: Chain): Calls<"Deliver" | "Request" | "Withdraw" | "Answer"> {
  return {
    Deliver:
      ({ by, id, deadline, grantees, ...place }, sig) =>
      (fees) =>
        announcements.deliverBySig(by, { ...place, grantees: [...grantees] }, { id, deadline }, sig, fees),
    Request:
      ({ requester, credential, id, deadline, read, write, ...wish }, sig) =>
      (fees) => {
        const asked = { ...wish, permissions: permissionBitsOf({ read, write }) };
        return announcements.requestBySig(requester, asked, credential, { id, deadline }, sig, fees);
      },
    Withdraw:
      ({ requester, patient, request, id, deadline }, sig, { read, write, ...wish }) =>
      (fees) => {
        const asked = { patient, requester, ...wish, permissions: permissionBitsOf({ read, write }) };
        return announcements.withdrawBySig(request, asked, { id, deadline }, sig, fees);
      },
    Answer:
      ({ request, approved, id, deadline, read, write, ...wish }, sig) =>
      (fees) => {
        const asked = { ...wish, permissions: permissionBitsOf({ read, write }) };
        return announcements.answerBySig(request, asked, approved, { id, deadline }, sig, fees);
      },
  };
}

type OfRecords =
  "Anchor" | "Point" | "Amend" | "Retract" | "Erasure" | "ErasureReceipt" | "AnchorRoot" | "ClaimLeaf" | "Witness";

function recordCalls({ recordRegistry: records }: Chain): Calls<OfRecords> {
  return {
    Anchor: (record, sig) => (fees) => records.anchorBySig(record, sig, fees),
    Point: (pointer, sig) => (fees) => records.pointBySig(pointer, sig, fees),
    Amend:
      ({ by, deadline, ...amendment }, sig) =>
      (fees) =>
        records.amendBySig(by, amendment, deadline, sig, fees),
    Retract: (retraction, sig) => (fees) => records.retractBySig(retraction, sig, fees),
    Erasure: (erasure, sig) => (fees) => records.requestErasureBySig(erasure, sig, fees),
    ErasureReceipt:
      ({ deadline, ...receipt }, sig) =>
      (fees) =>
        records.attestErasureBySig(receipt, deadline, sig, fees),
    AnchorRoot:
      ({ author, root, count, leaves, deadline }, sig) =>
      (fees) =>
        records.anchorRootBySig(author, root, count, leaves, deadline, sig, fees),
    ClaimLeaf:
      (claim, sig, { proof }) =>
      (fees) =>
        records.claimLeafBySig(claim, [...proof], sig, fees),
    Witness:
      ({ signer, digest, deadline }, sig) =>
      (fees) =>
        records.witnessBySig(signer, digest, deadline, sig, fees),
  };
}

function keyCalls({ keyRegistry: keys }: Chain): Calls<"Publish" | "PointVault"> {
  return {
    Publish:
      ({ actor, recipient, version, deadline }, sig) =>
      (fees) =>
        keys.publishBySig(actor, recipient, version, deadline, sig, fees),
    PointVault:
      ({ actor, vault, number, deadline }, sig) =>
      (fees) =>
        keys.pointVaultBySig(actor, vault, number, deadline, sig, fees),
  };
}

function groupCalls(
  { groupFactory, signer }: Chain,
  contract: string,
): Calls<"CreateGroup" | "SetManager" | "SetMembers" | "Resign"> {
  const group = Group__factory.connect(contract, signer);
  return {
    CreateGroup:
      ({ manager, salt, deadline }, sig) =>
      (fees) =>
        groupFactory.createBySig(manager, salt, deadline, sig, fees),
    SetManager:
      ({ successor, number, deadline }, sig) =>
      (fees) =>
        group.setManagerBySig(successor, number, deadline, sig, fees),
    SetMembers:
      ({ members, until, purposes, number, deadline }, sig) =>
      (fees) =>
        group.setMembersBySig([...members], until, purposes, number, deadline, sig, fees),
    Resign:
      ({ member, ...once }, sig) =>
      (fees) =>
        group.resignBySig(member, once, sig, fees),
  };
}
