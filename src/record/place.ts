import type { Chain } from "../chain/connection.js";
import { type Hex32, checkScope, isRecordId, wholeChart } from "../chain/ids.js";
import { findRecord, consentScopeOf } from "../chain/records.js";
import { originSlot } from "../chain/slots.js";
import type { View } from "../chain/view.js";
import { CareKeyError } from "../errors.js";
import type { ChartRecord } from "./chart-record.js";
import type { Context } from "./context.js";
import { findListed } from "./listed.js";

/** A place on a chart by its parts, as delegates name it, with the scope that grants name. */
export interface NamedPlace {
  readonly scope: Hex32;
  /** Undefined for the whole chart. */
  readonly compartment?: Hex32;
  /** Content of the record that a lineage began with; undefined for more than one record. */
  readonly content?: Hex32;
  /** The record that was named, where it was one. */
  readonly record?: ChartRecord;
}

/**
 * The scope as grants and DENYs name it: of an amendment's id the one of its lineage's first.
 * @throws INVALID_ARGUMENT, RECORD_UNKNOWN
 */
export async function grantScope(chain: Chain, scope: Hex32, view: View): Promise<Hex32> {
  const checked = checkScope(scope);
  if (!isRecordId(checked)) return checked;
  const [origin] = await view.words([originSlot(checked)]);
  // also where no such record is anchored yet: a door may be shut ahead
  return origin === 0n ? checked : consentScopeOf(await findRecord(chain, checked, view));
}

/**
 * A scope by its parts.
 * @throws INVALID_ARGUMENT, RECORD_UNKNOWN also for a record of another patient's
 */
export async function namedPlace(context: Context, patient: string, scope: Hex32, view: View): Promise<NamedPlace> {
  const checked = checkScope(scope);
  if (checked === wholeChart) return { scope: checked };
  if (!isRecordId(checked)) return { scope: checked, compartment: checked };
  const record = await findListed(context, checked, view);
  if (record.patient !== patient)
    throw new CareKeyError("RECORD_UNKNOWN", `The record ${checked} is not on this patient's chart`, {
      recordId: checked,
    });
  const { compartment, origin } = record;
  return { scope: consentScopeOf(record), compartment, content: origin, record };
}
