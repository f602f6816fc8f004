import { keccak256 } from "ethers";

import { deliveryList } from "../announcements.js";
import type { Chain } from "../connection.js";
import { erasureAttestedAt } from "../corrections.js";
import { groupOf } from "../groups.js";
import { type Hex32, recordIdOf, scopeOf } from "../ids.js";
import { publishedKey, vaultOf } from "../keys.js";
import { unpackLink } from "../links.js";
import { type RecordName, anchorOf, manifestsOf } from "../records.js";
import { type RequestStatus, requestWordOf } from "../request-word.js";
import { findRequest, requestsOf } from "../requests.js";
import { rootAnchoredAt } from "../roots.js";
import { deliveriesSlot } from "../slots.js";
import { witnessedAt } from "../stamps.js";
import { read } from "../transactions.js";
import { Group__factory } from "../typechain/index.js";
import { viewOf } from "../view.js";
import { walkBack } from "../walk.js";
import type { Action } from "./action.js";
import { permissionBitsOf } from "./basis.js";
import { checkMessage } from "./check.js";
import { type Standing, standingConsents } from "./standing-consents.js";

/**
 * Whether just what an action asks for stands already, so that carrying it again has nothing left to do.
 * @throws INVALID_ARGUMENT for what is no such action, CHAIN_UNREACHABLE
 */
export async function stands(chain: Chain, { type, contract, message }: Action): Promise<boolean> {
  const known = { ...standingConsents, ...announcements, ...records, ...keys, ...groups(contract) };
  const ask = known[type] as (chain: Chain, message: unknown) => Promise<boolean>;
  return ask(chain, checkMessage(type, message));
}

const announcements: Standing<"Announcements"> = {
  Deliver: async (chain, { patient, grantees, compartment, content, capsule }) => {
    const scope = scopeOf(patient, compartment, content);
    const told = await Promise.all(grantees.map((grantee) => isDelivered(chain, patient, grantee, scope, capsule)));
    return told.every((each) => each);
  },
  Request: async (chain, { requester, patient, scope, role, read: reads, write, purposes, end }) => {
    const permissions = BigInt(permissionBitsOf({ read: reads, write }));
    const wish = { patient, requester, scope, role, permissions, purposes: BigInt(purposes), end: BigInt(end) };
    const open = await requestsOf(chain, patient);
    return open.some(({ id, asked }) => requestWordOf(id, asked, "open") === requestWordOf(id, wish, "open"));
  },
  Withdraw: (chain, { patient, request }) => isClosed(chain, patient, request, "withdrawn"),
  Answer: (chain, { patient, request, approved }) =>
    isClosed(chain, patient, request, approved ? "approved" : "declined"),
};

const records: Standing<"RecordRegistry"> = {
  Anchor: (chain, record) => isBy(chain, record, record.author),
  Point: async (chain, { manifest, ...name }) => {
    const manifests = await manifestsOf(chain, { recordId: idOf(name) });
    return manifests.at(-1)?.manifest === manifest;
  },
  Amend: async (chain, { by, newContent, ...name }) =>
    (await hasStatus(chain, name, "amended")) && (await isBy(chain, { ...name, content: newContent }, by)),
  Retract: (chain, name) => hasStatus(chain, name, "retracted"),
  Erasure: (chain, name) => hasStatus(chain, name, "erased"),
  ErasureReceipt: async (chain, { operator, ...name }) =>
    (await erasureAttestedAt(chain, idOf(name), operator)) !== undefined,
  AnchorRoot: async (chain, { author, root }) => (await rootAnchoredAt(chain, author, root)) !== undefined,
  ClaimLeaf: (chain, leaf) => isBy(chain, leaf, leaf.author),
  Witness: async (chain, { signer, digest }) => (await witnessedAt(chain, signer, digest)) !== undefined,
};

const keys: Standing<"KeyRegistry"> = {
  Publish: async (chain, { actor, recipient }) => (await publishedKey(chain, actor))?.digest === keccak256(recipient),
  PointVault: async (chain, { actor, vault }) => (await vaultOf(chain, actor)) === vault,
};

function groups(contract: string): Standing<"GroupFactory" | "Group"> {
  const at = (chain: Chain) => Group__factory.connect(contract, chain.provider);
  return {
    CreateGroup: async (chain, { manager, salt }) =>
      (await read(chain.provider.getCode(await groupOf(chain, manager, salt)))) !== "0x",
    SetManager: async (chain, { successor }) => (await read(at(chain).manager())) === successor,
    SetMembers: async (chain, { members, until, purposes }) => {
      const standing = await Promise.all(members.map((member) => read(at(chain).memberOf(member))));
      return standing.every((each) => Number(each.until) === until && each.purposes === BigInt(purposes));
    },
    Resign: async (chain, { member }) => (await read(at(chain).memberOf(member))).purposes === 0n,
  };
}

/** Whether this capsule was delivered to the grantee on the scope. */
async function isDelivered(chain: Chain, patient: string, grantee: string, scope: Hex32, capsule: Hex32) {
  const view = await viewOf(chain);
  const [head = 0n] = await view.words([deliveriesSlot(patient, grantee)]);
  for await (const each of walkBack(deliveryList(chain, patient, grantee, unpackLink(head))))
    if (each.scope === scope && each.capsule === capsule) return true;
  return false;
}

function idOf({ patient, compartment, content }: RecordName): Hex32 {
  return recordIdOf(patient, compartment, content);
}

async function isBy(chain: Chain, name: RecordName, author: string): Promise<boolean> {
  const anchor = await anchorOf(chain, idOf(name));
  return anchor.author === author && (anchor.status === "anchored" || anchor.status === "amended");
}

async function hasStatus(chain: Chain, name: RecordName, status: string): Promise<boolean> {
  return (await anchorOf(chain, idOf(name))).status === status;
}

async function isClosed(chain: Chain, patient: string, id: number, status: RequestStatus): Promise<boolean> {
  return (await findRequest(chain, patient, id)).status === status;
}
