import { type Hex32, isLabel, isRecordId, wholeChart } from "../chain/ids.js";
import { type Purpose, purposeBits } from "../chain/purposes.js";
import { findRecord } from "../chain/records.js";
import type { StandingRequest } from "../chain/requests.js";
import type { CareKey } from "../connect.js";
import { CareKeyError, isCareKeyError } from "../errors.js";

/** What a patient grants in place of what was asked for. */
export interface Narrower {
  readonly scope?: Hex32 | undefined;
  readonly purposes?: readonly Purpose[] | undefined;
  readonly end?: number | undefined;
  readonly permissions?: readonly ["READ"] | undefined;
}

/**
 * Lets nobody grant more than was asked for where they mean to grant less.
 * @throws INVALID_ARGUMENT
 */
export async function requireNarrower(carekey: CareKey, asked: StandingRequest, given: Narrower): Promise<void> {
  const { scope, purposes, end, permissions } = given;
  if (Object.values(given).every((each) => each === undefined))
    throw refused("say what is narrower: --scope, --purpose, --until or --read-only", asked);
  if (scope !== undefined && !(await isWithin(carekey, scope, asked.scope)))
    throw refused("the scope lies outside of what was asked for", asked);
  if (purposes !== undefined && (purposeBits(purposes) & ~purposeBits(asked.purposes)) !== 0n)
    throw refused("a purpose was not asked for", asked);
  if (end !== undefined && end > asked.end) throw refused("the end is later than what was asked for", asked);
  if (permissions !== undefined && !asked.permissions.includes("READ")) throw refused("READ was not asked for", asked);
}

function refused(why: string, { id }: StandingRequest): CareKeyError {
  return new CareKeyError("INVALID_ARGUMENT", `Request ${id} can't be narrowed so: ${why}`, { request: id });
}

async function isWithin(carekey: CareKey, inner: Hex32, outer: Hex32): Promise<boolean> {
  if (outer === wholeChart || inner === outer) return true;
  if (!isLabel(outer) || !isRecordId(inner)) return false;
  const { patient, compartment } = await findRecord(carekey.chain, inner).catch(async (error: unknown) => {
    if (!isCareKeyError(error, "RECORD_UNKNOWN")) throw error;
    // one that only a list names has no anchor of its own yet
    return (await carekey.open(inner)).record;
  });
  return patient === carekey.address && compartment === outer;
}
