import type { Chain } from "./connection.js";
import type { Hex32 } from "./ids.js";
import { consentLines, recordLines } from "./log-lines.js";
import type { Purpose } from "./purposes.js";
import type { Power } from "./terms.js";

/** One line of a patient's access log: who did what, on what, why, and when. */
export interface LogEntry {
  readonly what:
    | "requested"
    | "declined"
    | "granted"
    | "revoked"
    | "locked down"
    | "delegated"
    | "undelegated"
    | "delivered"
    | "anchored"
    | "pointed"
    | "amended"
    | "retracted"
    | "erasure requested"
    | "erasure attested";
  /** Who acted; of what was signed, who signed it. */
  readonly who: string;
  /** The patient in whose place a delegate acted. */
  readonly actedFor?: string;
  /** Whom it concerns, where that is another actor. */
  readonly grantee?: string;
  readonly scope?: Hex32;
  readonly permissions?: readonly Power[];
  /** Why: purposes of use. */
  readonly purposes?: readonly Purpose[];
  /** The role that a requester or operator acts in. */
  readonly role?: string;
  /** Seconds since 1970: end of what was granted, delegated or asked for. */
  readonly end?: number;
  /** Longest grant that a delegate may give, in seconds. */
  readonly longest?: number;
  /** Why a record was amended or retracted. */
  readonly reason?: string;
  /** The record that takes the place of an amended one. */
  readonly replacement?: Hex32;
  /** Seconds since 1970, by the chain's clock. */
  readonly when: number;
  readonly block: number;
  readonly transaction: Hex32;
}

/**
 * All that the chain knows about a patient's chart, oldest first.
 * Reading leaves no trace on chain: only where keepers release keys would there be one.
 */
export async function accessLog(chain: Chain, patient: string): Promise<LogEntry[]> {
  const lines = await Promise.all([consentLines(chain, patient), recordLines(chain, patient)]);
  return lines
    .flat()
    .sort((a, b) => a.entry.block - b.entry.block || a.index - b.index)
    .map(({ entry }) => entry);
}

/** Requests of a log that were answered neither by a grant to the requester nor by a refusal since. */
export function openRequests(log: readonly LogEntry[]): LogEntry[] {
  return log.filter(
    (request, place) =>
      request.what === "requested" &&
      !log
        .slice(place + 1)
        .some(
          ({ what, grantee, scope }) =>
            (what === "granted" || what === "declined") && grantee === request.who && scope === request.scope,
        ),
  );
}
