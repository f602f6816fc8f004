import type { Chain } from "./connection.js";
import { unpackDelegation } from "./delegation-terms.js";
import { type Hex32, decodeText } from "./ids.js";
import type { LogEntry } from "./log.js";
import { purposesOf } from "./purposes.js";
import { scan } from "./scan.js";
import { permissionsOf, unpackTerms } from "./terms.js";
import { chainError } from "./transactions.js";
import type { TypedContractEvent, TypedEventLog } from "./typechain/common.js";

/** A line of the log, and its place within its block. */
export interface Line {
  readonly entry: LogEntry;
  readonly index: number;
}

type Told = Omit<LogEntry, "when" | "block" | "transaction">;

/** What the ConsentRegistry told about a patient, by kind of event. */
export async function consentLines(chain: Chain, patient: string): Promise<Line[]> {
  const { consentRegistry: consent } = chain;
  const { filters } = consent;
  const delegates = await delegatesOf(chain, patient);
  /** Who changed a grant: the patient, or a delegate in their place. */
  const by = (transaction: Hex32, grantee: string, scope: Hex32, revision: number): Pick<Told, "who" | "actedFor"> => {
    const delegate = delegates.get([transaction, grantee, scope, revision].join());
    return delegate === undefined ? { who: patient } : { who: delegate, actedFor: patient };
  };
  const lines = await Promise.all([
    tell(chain, consent, filters.Requested(patient), ({ args }) => ({
      what: "requested",
      who: args.requester,
      scope: args.scope,
      role: decodeText(args.role),
      permissions: permissionsOf(Number(args.permissions)),
      purposes: purposesOf(args.purposes),
      end: Number(args.end),
    })),
    tell(chain, consent, filters.Declined(patient), ({ args }) => ({
      what: "declined",
      who: patient,
      grantee: args.requester,
      scope: args.scope,
    })),
    tell(chain, consent, filters.Granted(patient), ({ args: { grantee, scope, terms }, transactionHash }) => {
      const { permissions, purposes, end, revision } = unpackTerms(terms);
      const who = by(transactionHash, grantee, scope, revision);
      return { what: "granted", ...who, grantee, scope, permissions, purposes, end };
    }),
    tell(chain, consent, filters.Revoked(patient), ({ args: { grantee, scope, revision }, transactionHash }) => {
      const who = by(transactionHash, grantee, scope, Number(revision));
      return { what: "revoked", ...who, grantee, scope };
    }),
    tell(chain, consent, filters.LockedDown(patient), () => ({ what: "locked down", who: patient })),
    tell(chain, consent, filters.Delegated(patient), ({ args: { delegate, scope, terms } }) => {
      const { permissions, purposes, end, longest } = unpackDelegation(terms);
      return { what: "delegated", who: patient, grantee: delegate, scope, permissions, purposes, end, longest };
    }),
    tell(chain, consent, filters.Undelegated(patient), ({ args: { delegate, scope } }) => ({
      what: "undelegated",
      who: patient,
      grantee: delegate,
      scope,
    })),
    tell(chain, consent, filters.Delivered(patient), ({ args }) => ({
      what: "delivered",
      who: args.by,
      grantee: args.grantee,
      scope: args.scope,
    })),
  ]);
  return lines.flat();
}

/** What the RecordRegistry told about a patient's records, by kind of event. */
export async function recordLines(chain: Chain, patient: string): Promise<Line[]> {
  const { recordRegistry: records } = chain;
  const { filters } = records;
  const demands = await scan(chain, records, filters.ErasureRequested(patient));
  const lines = await Promise.all([
    tell(chain, records, filters.Anchored(patient), async ({ args }) => ({
      what: "anchored",
      who: (await records.anchorOf(args.recordId)).author,
      scope: args.recordId,
    })),
    tell(chain, records, filters.Pointed(patient), ({ args }) => ({
      what: "pointed",
      who: args.by,
      scope: args.recordId,
    })),
    tell(chain, records, filters.Amended(patient), ({ args }) => ({
      what: "amended",
      who: args.by,
      scope: args.recordId,
      replacement: args.newRecordId,
      reason: decodeText(args.reason),
    })),
    tell(chain, records, filters.Retracted(patient), ({ args }) => ({
      what: "retracted",
      who: args.by,
      scope: args.recordId,
      reason: decodeText(args.reason),
    })),
    tell(chain, records, filters.ErasureRequested(patient), ({ args }) => ({
      what: "erasure requested",
      who: patient,
      scope: args.recordId,
    })),
    // attestations name the record alone
    ...demands.map(({ args: { recordId } }) =>
      tell(chain, records, filters.ErasureAttested(recordId), ({ args }) => ({
        what: "erasure attested",
        who: args.operator,
        scope: args.recordId,
        role: decodeText(args.role),
      })),
    ),
  ]);
  return lines.flat();
}

/** Who acted in the patient's place, by transaction, grantee, scope and revision. */
async function delegatesOf(chain: Chain, patient: string): Promise<Map<string, string>> {
  const { consentRegistry } = chain;
  const acted = await scan(chain, consentRegistry, consentRegistry.filters.ActedFor(patient));
  return new Map(
    acted.map(({ args: { delegate, grantee, scope, revision }, transactionHash }) => [
      [transactionHash, grantee, scope, revision].join(),
      delegate,
    ]),
  );
}

async function tell<Event extends TypedContractEvent>(
  chain: Chain,
  contract: Parameters<typeof scan<Event>>[1],
  filter: Parameters<typeof scan<Event>>[2],
  toldBy: (event: TypedEventLog<Event>) => Told | Promise<Told>,
): Promise<Line[]> {
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
