import { type Hex32, isRecordId, wholeChart } from "../chain/ids.js";
import { consentScopeOf } from "../chain/records.js";
import type { CareKey } from "../connect.js";
import type { ChartShares, DelegationShare, Share } from "../record/consents.js";

/** What a grant or a delegation does at the moment. */
export type Holds = "now" | "later" | "ended" | "void" | "shut";

/** A grant as it stands, in words of its own: what --json prints. */
export interface GrantNow extends Omit<Share["terms"], "era" | "index"> {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly holds: Holds;
  /** Scopes on which a DENY for the same grantee shuts all of it. */
  readonly shutBy: readonly Hex32[];
}

/** A DENY. */
export interface DenyNow {
  readonly grantee: string;
  readonly scope: Hex32;
  readonly byDelegate: boolean;
  readonly writtenAt: number;
  readonly holds: Extract<Holds, "now" | "void">;
}

/** A delegation. */
export interface DelegationNow extends Omit<DelegationShare["terms"], "era" | "index"> {
  readonly delegate: string;
  readonly scope: Hex32;
  readonly holds: Exclude<Holds, "shut">;
}

/** All of it, by its end. */
export interface StandingNow {
  readonly grants: readonly GrantNow[];
  readonly denies: readonly DenyNow[];
  readonly delegations: readonly DelegationNow[];
}

/** Tells grants, DENYs and delegations apart, and what each does at the moment. */
export async function standingNow(carekey: CareKey, patient: string, shares: ChartShares): Promise<StandingNow> {
  const { era } = shares;
  const now = await carekey.now();
  const isDeny = ({ terms }: Share): boolean => terms.permissions.includes("DENY");
  const denies = shares.grants.filter(isDeny);
  const shut = await shutters(carekey, patient, denies);
  return {
    grants: shares.grants
      .filter((share) => !isDeny(share))
      .map(({ grantee, scope, terms: { era: given, index: _, ...terms }, inForce }) => {
        const shutBy = shut(grantee, scope);
        const holds = inForce && shutBy.length > 0 ? "shut" : holdsNow(inForce, given === era, terms.end > now);
        return { grantee, scope, ...terms, holds, shutBy } as const;
      })
      .sort((a, b) => a.end - b.end),
    denies: denies.map(({ grantee, scope, terms: { byDelegate, writtenAt }, denies: holds }) => {
      return { grantee, scope, byDelegate, writtenAt, holds: holds ? "now" : "void" } as const;
    }),
    delegations: shares.delegations
      .map(({ delegate, scope, terms: { era: given, index: _, ...terms }, inForce }) => {
        return { delegate, scope, ...terms, holds: holdsNow(inForce, given === era, terms.end > now) } as const;
      })
      .sort((a, b) => a.end - b.end),
  };
}

function holdsNow(inForce: boolean, isOfEra: boolean, isBeforeEnd: boolean): "now" | "later" | "ended" | "void" {
  if (inForce) return "now";
  if (!isOfEra) return "void";
  return isBeforeEnd ? "later" : "ended";
}

/** Finds the DENYs that shut all of a scope for somebody: on it, on the compartment of a record, or on the whole chart. */
async function shutters(
  carekey: CareKey,
  patient: string,
  denies: readonly Share[],
): Promise<(grantee: string, scope: Hex32) => Hex32[]> {
  const holding = denies.filter((share) => share.denies);
  // only a DENY on a compartment asks where a record lies
  const isNeeded = holding.some(({ scope }) => scope !== wholeChart && !isRecordId(scope));
  const records = isNeeded ? await carekey.chart(patient) : [];
  const compartments = new Map(records.map((record) => [consentScopeOf(record), record.compartment]));
  return (grantee, scope) => {
    const wider = [scope, compartments.get(scope), wholeChart];
    return holding.filter((each) => each.grantee === grantee && wider.includes(each.scope)).map((each) => each.scope);
  };
}
