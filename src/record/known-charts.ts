import { type ChartState, readChart } from "../chain/chart.js";
import type { Hex32 } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";
import type { View } from "../chain/view.js";
import type { Context } from "./context.js";

/** Charts as a session has read them: what is known of one is not walked again. */
const known = new WeakMap<Context, Map<string, ChartState>>();

/**
 * The records of a patient, oldest first; of one compartment where it is named.
 * @param view The newest block where omitted.
 * @throws HISTORY_INCOMPLETE, CHAIN_INCONSISTENT, CHAIN_UNREACHABLE
 */
export async function recordsOf(
  context: Context,
  patient: string,
  { compartment, view }: { readonly compartment?: Hex32 | undefined; readonly view?: View | undefined } = {},
): Promise<AnchoredRecord[]> {
  const charts = known.get(context) ?? new Map<string, ChartState>();
  known.set(context, charts);
  const { state } = await readChart(context.chain, patient, { known: charts.get(patient), view });
  charts.set(patient, state);
  return state.records.filter((record) => compartment === undefined || record.compartment === compartment);
}
