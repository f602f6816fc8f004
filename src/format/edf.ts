import { ascii } from "./head.js";

/** What an EDF header says about its signals, and nothing about its patient or recording. */
export interface EdfSummary {
  /** Plain EDF, or EDF+ continuous or discontinuous. */
  readonly variant: "EDF" | "EDF+C" | "EDF+D";
  /** Signals, with EDF+'s annotation signals. */
  readonly signals: number;
  /** Of signal recorded; absent while a recorder still writes. */
  readonly seconds?: number;
}

/** A biosignal recording in the European Data Format. */
export interface EdfFile {
  readonly kind: "edf";
  /** Not registered with IANA. */
  readonly mediaType: "application/x-edf";
  readonly summary: EdfSummary;
}

const FIXED_HEADER = 256;
const NUMBER = /^ *-?\d{1,8}(\.\d{1,6})? *$/;

/** An EDF or EDF+ file by its fixed header (EDF 1992, EDF+ 2003 §2.1.1), or nothing. Never throws. */
export function recogniseEdf(head: Uint8Array): EdfFile | undefined {
  if (ascii(head, 0, 8) !== "0       " || head.length < FIXED_HEADER) return undefined;
  const signals = number(head, 252, 256);
  // the header's length repeats the number of signals: text that begins with a zero does not
  if (!Number.isInteger(signals) || signals < 1 || number(head, 184, 192) !== FIXED_HEADER * (signals + 1))
    return undefined;
  const seconds = number(head, 236, 244) * number(head, 244, 252);
  return {
    kind: "edf",
    mediaType: "application/x-edf",
    summary: { variant: variant(ascii(head, 192, 197)), signals, ...(seconds > 0 && { seconds }) },
  };
}

function variant(reserved: string): EdfSummary["variant"] {
  return reserved === "EDF+C" || reserved === "EDF+D" ? reserved : "EDF";
}

/** NaN when the field holds no number. */
function number(head: Uint8Array, start: number, end: number): number {
  const field = ascii(head, start, end);
  return NUMBER.test(field) ? Number(field) : NaN;
}
