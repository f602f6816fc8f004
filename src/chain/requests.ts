import { CareKeyError } from "../errors.js";
import { type Announcement, announcementList } from "./announcements.js";
import type { Chain } from "./connection.js";
import { requireCredential } from "./credentials.js";
import { type Hex32, type Role, checkAddress, checkScope, decodeText, roleId } from "./ids.js";
import { unpackLink } from "./links.js";
import { type ReadingChain, eventsOfReceipt } from "./logs.js";
import { type Purpose, purposeBits, purposesOf } from "./purposes.js";
import { type AskedFor, type RequestStatus, requestStatusOf, requestWordOf } from "./request-word.js";
import { announcementsSlot, requestSlot } from "./slots.js";
import { type Grantable, type Permission, packTerms, permissionsOf, permissionsToBits } from "./terms.js";
import { send } from "./transactions.js";
import { type View, viewOf } from "./view.js";
import { incomplete, walkBack } from "./walk.js";
import { bitsOf } from "./word.js";

/** What an actor asks a patient for. */
export interface AccessRequest {
  readonly patient: string;
  readonly scope: Hex32;
  /** The role that the requester is credentialed for. */
  readonly role: Role;
  readonly permissions: readonly Grantable[];
  readonly purposes: readonly Purpose[];
  /** First second at which access is no longer wanted. */
  readonly end: number;
}

/** A request as it stands on chain. */
export interface StandingRequest {
  /** Its number among the patient's, from 1 on. */
  readonly id: number;
  readonly patient: string;
  readonly requester: string;
  readonly scope: Hex32;
  readonly role: string;
  readonly permissions: readonly Permission[];
  readonly purposes: readonly Purpose[];
  /** First second at which access is no longer wanted, since 1970. */
  readonly end: number;
  readonly status: RequestStatus;
  readonly block: number;
  readonly transaction: Hex32;
  /** What the contract takes to tell it again. */
  readonly asked: AskedFor;
}

/**
 * Asks a patient for a grant.
 * @param now The present, in seconds since 1970.
 * @returns The request's number among the patient's.
 * @throws NO_CREDENTIAL when the caller has none for the role now, PERIOD_INVALID, INVALID_ARGUMENT, CONTRACT_REFUSED (TooManyRequests, InvalidPatient)
 */
export async function requestAccess(chain: Chain, request: AccessRequest, now: number): Promise<number> {
  const { permissions, purposes, end } = request;
  const [patient, scope, role] = [
    checkAddress(request.patient, "Patient"),
    checkScope(request.scope),
    roleId(request.role),
  ];
  packTerms({ start: now, end, permissions, purposes });
  const credential = await requireCredential(chain, request.role, now);
  const bits = { permissions: permissionsToBits(permissions), purposes: purposeBits(purposes) };
  const receipt = await send(chain.provider, (fees) =>
    chain.announcements.request({ patient, scope, role, ...bits, end }, credential, fees),
  );
  const [told] = eventsOfReceipt(receipt, "Announcements", chain.addresses.Announcements, "Requested");
  if (!told) throw new CareKeyError("CHAIN_INCONSISTENT", `The transaction ${receipt.hash} announced no request`);
  return Number((told.args as { id: bigint }).id);
}

/**
 * Says yes or no to an open request to the caller. A yes grants nothing: the grant is an act of its own.
 * @returns Hash of the transaction.
 * @throws CONTRACT_REFUSED (UnknownRequest, RequestClosed)
 * @example const [request] = await requestsOf(chain, chain.address); if (request) await answerRequest(chain, request, false);
 */
export async function answerRequest(
  chain: Chain,
  { id, asked }: Pick<StandingRequest, "id" | "asked">,
  approved: boolean,
): Promise<string> {
  return (await send(chain.provider, (fees) => chain.announcements.answer(id, asked, approved, fees))).hash;
}

/**
 * Takes an open request of the caller's back.
 * @returns Hash of the transaction.
 * @throws CONTRACT_REFUSED (NotRequester, UnknownRequest, RequestClosed)
 */
export async function withdrawRequest(
  chain: Chain,
  { id, asked }: Pick<StandingRequest, "id" | "asked">,
): Promise<string> {
  return (await send(chain.provider, (fees) => chain.announcements.withdraw(id, asked, fees))).hash;
}

/**
 * The requests to a patient that were neither answered nor withdrawn, oldest first; some may have ended. Each is told by its event, and its word confirms it.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function requestsOf(chain: ReadingChain, patient: string, view?: View): Promise<StandingRequest[]> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [counts = 0n] = await at.words([announcementsSlot(owner)]);
  const ids = Array.from({ length: bitsOf(counts, 64, 32) }, (_, place) => place + 1);
  const words = await at.words(ids.map((id) => requestSlot(owner, id)));
  const open = new Map(ids.map((id, place) => [id, words[place] ?? 0n]));
  for (const [id, word] of open) if (requestStatusOf(word) !== "open") open.delete(id);
  return tellAll(chain, owner, counts, open);
}

/**
 * One request to a patient, whatever became of it.
 * @throws INVALID_ARGUMENT where there is none of this number, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function findRequest(
  chain: ReadingChain,
  patient: string,
  id: number,
  view?: View,
): Promise<StandingRequest> {
  const owner = checkAddress(patient, "Patient");
  const at = view ?? (await viewOf(chain));
  const [counts = 0n, word = 0n] = await at.words([announcementsSlot(owner), requestSlot(owner, id)]);
  const [request] = word === 0n ? [] : await tellAll(chain, owner, counts, new Map([[id, word]]));
  if (!request) throw new CareKeyError("INVALID_ARGUMENT", `${owner} has no request ${id}`, { patient: owner, id });
  return request;
}

/** The requests with these words: their events are looked for from the newest announcement back. */
async function tellAll(
  chain: ReadingChain,
  patient: string,
  counts: bigint,
  wanted: Map<number, bigint>,
): Promise<StandingRequest[]> {
  const found: StandingRequest[] = [];
  if (wanted.size === 0) return found;
  const list = announcementList(chain, patient, unpackLink(counts));
  for await (const entry of walkBack(list)) {
    const word = wanted.get(entry.id ?? 0);
    if (entry.what !== "requested" || !entry.asked || word === undefined) continue;
    const request = requestOf(entry, entry.asked, requestStatusOf(word));
    if (requestWordOf(request.id, entry.asked, request.status) !== word)
      throw incomplete(list.list, entry.number, entry.block);
    found.push(request);
    wanted.delete(request.id);
    if (wanted.size === 0) return found.reverse();
  }
  throw incomplete(list.list, 1, list.head.lastAt);
}

function requestOf(entry: Announcement, asked: AskedFor, status: RequestStatus): StandingRequest {
  const { id = 0, block, transaction } = entry;
  const { patient, requester, scope, role, permissions, purposes, end } = asked;
  return {
    ...{ id, patient, requester, scope, role: decodeText(role), status, block, transaction, asked },
    permissions: permissionsOf(Number(permissions)),
    purposes: purposesOf(purposes),
    end: Number(end),
  };
}
