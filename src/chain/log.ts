import type { Chain } from "./connection.js";
import { type Hex32, decodeRole } from "./ids.js";
import { type Purpose, purposesOf } from "./purposes.js";
import { scan } from "./scan.js";
import { type Permission, permissionsOf, unpackTerms } from "./terms.js";
import { chainError } from "./transactions.js";
import type { TypedContractEvent, TypedEventLog } from "./typechain/common.js";

/** One line of a patient's access log: who did what, on what, why, and when. */
export interface LogEntry {
  readonly what:
    "requested" | "declined" | "granted" | "revoked" | "locked down" | "delivered" | "anchored" | "pointed";
  /** Who acted. */
  readonly who: string;
  /** Whom it concerns, where that is another actor. */
  readonly grantee?: string;
  readonly scope?: Hex32;
  readonly permissions?: readonly Permission[];
  /** Why: purposes of use. */
  readonly purposes?: readonly Purpose[];
  /** The role that a requester acts in. */
  readonly role?: string;
  /** Seconds since 1970: end of what was granted or asked for. */
  readonly end?: number;
  /** Seconds since 1970, by the chain's clock. */
  readonly when: number;
  readonly block: number;
  readonly transaction: Hex32;
}

type Told = Omit<LogEntry, "when" | "block" | "transaction">;

/**
 * All that the chain knows about a patient's chart, oldest first.
 * Reading leaves no trace on chain: only where keepers release keys would there be one.
 */
export async function accessLog(chain: Chain, patient: string): Promise<LogEntry[]> {
  const { consentRegistry: consent, recordRegistry: records } = chain;
  const entries = await Promise.all([
    tell(chain, consent, consent.filters.Requested(patient), ({ args }) => ({
      what: "requested",
      who: args.requester,
      scope: args.scope,
      role: decodeRole(args.role),
      permissions: permissionsOf(args.permissions),
      purposes: purposesOf(args.purposes),
      end: Number(args.end),
    })),
    tell(chain, consent, consent.filters.Declined(patient), ({ args }) => ({
      what: "declined",
      who: patient,
      grantee: args.requester,
      scope: args.scope,
    })),
    tell(chain, consent, consent.filters.Granted(patient), ({ args }) => {
      const { permissions, purposes, end } = unpackTerms(args.terms);
      return { what: "granted", who: patient, grantee: args.grantee, scope: args.scope, permissions, purposes, end };
    }),
    tell(chain, consent, consent.filters.Revoked(patient), ({ args }) => ({
      what: "revoked",
      who: patient,
      grantee: args.grantee,
      scope: args.scope,
    })),
    tell(chain, consent, consent.filters.LockedDown(patient), () => ({ what: "locked down", who: patient })),
    tell(chain, consent, consent.filters.Delivered(patient), ({ args }) => ({
      what: "delivered",
      who: args.by,
      grantee: args.grantee,
      scope: args.scope,
    })),
    tell(chain, records, records.filters.Anchored(patient), async ({ args }) => ({
      what: "anchored",
      who: (await records.anchorOf(args.recordId)).author,
      scope: args.recordId,
    })),
    tell(chain, records, records.filters.Pointed(patient), ({ args }) => ({
      what: "pointed",
      who: args.by,
      scope: args.recordId,
    })),
  ]);
  return entries
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

async function tell<Event extends TypedContractEvent>(
  chain: Chain,
  contract: Parameters<typeof scan<Event>>[1],
  filter: Parameters<typeof scan<Event>>[2],
  toldBy: (event: TypedEventLog<Event>) => Told | Promise<Told>,
): Promise<{ entry: LogEntry; index: number }[]> {
  const events = await scan(chain, contract, filter);
  try {
    return await Promise.all(
      events.map(async (event) => ({
        index: event.index,
        entry: {
          ...(await toldBy(event)),
          when: (await event.getBlock()).timestamp,
          block: event.blockNumber,
          transaction: event.transactionHash,
        },
      })),
    );
  } catch (cause) {
    throw chainError(cause);
  }
}
