import type { Hex32 } from "../chain/ids.js";
import type { Purpose } from "../chain/purposes.js";
import { type StandingRequest, answerRequest, findRequest, requestsOf, withdrawRequest } from "../chain/requests.js";
import type { Grantable } from "../chain/terms.js";
import { timesOf } from "../chain/view.js";
import { CareKeyError } from "../errors.js";
import type { Compartment } from "./capsule.js";
import type { Context, PipelineOptions } from "./context.js";
import { type Granted, grant } from "./grant.js";

/** A request to this actor that nobody has answered or withdrawn. */
export interface OpenRequest extends StandingRequest {
  /** Seconds since 1970, by the chain's clock. */
  readonly when: number;
}

/**
 * Requests on the caller's chart that are open, oldest first.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function openRequests({ chain }: Context): Promise<OpenRequest[]> {
  const requests = await requestsOf(chain, chain.address);
  const times = await timesOf(chain.provider, new Set(requests.map(({ block }) => block)));
  return requests.map((request) => ({ ...request, when: times.get(request.block) ?? 0 }));
}

/** What a patient grants of what was asked for; as asked where omitted. */
export interface ApproveOptions extends PipelineOptions {
  readonly scope?: Hex32 | undefined;
  readonly permissions?: readonly Grantable[] | undefined;
  readonly purposes?: readonly Purpose[] | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly compartments?: readonly Compartment[] | undefined;
  readonly lifts?: boolean | undefined;
}

/** What became of an approval. */
export interface Approved extends Granted {
  readonly request: number;
  /** Hash of the transaction with the answer. */
  readonly answer: string;
}

/**
 * Grants what was asked for, or what the options say in its place, with the keys, and then answers yes. Interrupted: do it again.
 * @throws INVALID_ARGUMENT for a request that there is none of, or that is no longer open, and what {@link grant} throws
 * @example await approve(context, 7, { permissions: ["READ"], end });
 */
export async function approve(context: Context, id: number, options: ApproveOptions = {}): Promise<Approved> {
  const request = await openRequest(context, context.chain.address, id);
  const { requester, scope, purposes, end } = request;
  const permissions = request.permissions.filter((permission) => permission !== "DENY");
  const granted = await grant(context, {
    ...options,
    grantee: requester,
    scope: options.scope ?? scope,
    permissions: options.permissions ?? permissions,
    purposes: options.purposes ?? purposes,
    end: options.end ?? end,
  });
  return { ...granted, request: id, answer: await answerRequest(context.chain, request, true) };
}

/**
 * Says no to a request.
 * @returns Hash of the transaction.
 * @throws INVALID_ARGUMENT for a request that there is none of, or that is no longer open; CONTRACT_REFUSED, CHAIN_UNREACHABLE
 */
export async function decline(context: Context, id: number): Promise<string> {
  const request = await openRequest(context, context.chain.address, id);
  return answerRequest(context.chain, request, false);
}

/**
 * Takes a request of the caller's back.
 * @returns Hash of the transaction.
 * @throws INVALID_ARGUMENT for a request that there is none of, or that is no longer open; CONTRACT_REFUSED (NotRequester), CHAIN_UNREACHABLE
 */
export async function takeBack(context: Context, patient: string, id: number): Promise<string> {
  return withdrawRequest(context.chain, await openRequest(context, patient, id));
}

async function openRequest({ chain }: Context, patient: string, id: number): Promise<StandingRequest> {
  const request = await findRequest(chain, patient, id);
  if (request.status === "open") return request;
  throw new CareKeyError("INVALID_ARGUMENT", `Request ${id} to ${patient} is ${request.status}`, {
    request: id,
    status: request.status,
  });
}
