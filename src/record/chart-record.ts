import type { Hex32 } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";

/** A record on a chart: with an anchor of its own, or listed by an index record. */
export interface ChartRecord extends AnchoredRecord {
  /**
   * Id of the index record that lists it: author, time and place on the chart are that one's. Undefined for what has an anchor of its own, but where somebody asked what listed
   * it before.
   */
  readonly under?: Hex32 | undefined;
}
