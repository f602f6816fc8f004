import { announcementsOf } from "./announcements.js";
import { changesOf } from "./changes.js";
import { readChart } from "./chart.js";
import { type Hex32, checkAddress } from "./ids.js";
import { type Line, announcementLine, anchoredLine, consentLine, recordLine } from "./log-lines.js";
import type { ReadingChain } from "./logs.js";
import type { Purpose } from "./purposes.js";
import type { Power } from "./terms.js";
import { timesOf, viewOf } from "./view.js";

/** One line of a patient's access log: who did what, on what, why, and when. */
export interface LogEntry {
  readonly what:
    | "requested"
    | "approved"
    | "declined"
    | "withdrawn"
    | "granted"
    | "revoked"
    | "denied"
    | "lifted"
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
  /** Number of the request among the patient's. */
  readonly request?: number;
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
 * All that the chain knows about a patient's chart, oldest first; nothing is missing, or it is refused.
 * Reading leaves no trace on chain: only where keepers release keys would there be one.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function accessLog(chain: ReadingChain, patient: string): Promise<LogEntry[]> {
  const owner = checkAddress(patient, "Patient");
  const view = await viewOf(chain);
  const [consents, chart, announced] = await Promise.all([
    changesOf(chain, owner, { view }),
    readChart(chain, owner, { view }),
    announcementsOf(chain, owner, view),
  ]);
  const authors = new Map(chart.state.records.map(({ recordId, author }) => [recordId, author]));
  const lines: Line[] = [
    ...consents.map((change) => consentLine(change, owner)),
    ...chart.anchored.map((entry) => anchoredLine(entry, authors)),
    ...chart.changes.map(recordLine),
    ...announced.map(announcementLine),
  ].sort((a, b) => a.at.place - b.at.place);
  const times = await timesOf(chain.provider, new Set(lines.map(({ at }) => at.block)));
  return lines.map(({ at: { block, transaction }, told }) => {
    return { ...told, when: times.get(block) ?? 0, block, transaction };
  });
}
