import { deflection, type Strip } from "./ecg-trace.js";
import type { Lead, Waveform } from "./ecg-waveform.js";

/** One line of traces, in millimetres. */
export interface Row {
  readonly strips: readonly Strip[];
  /** How high above the base line the leads' names stand. */
  readonly label: number;
  /** From the base line above, or from the paper's edge. */
  readonly above: number;
}

export interface Layout {
  readonly rows: readonly Row[];
  /** From the last base line to the paper's edge, in millimetres. */
  readonly below: number;
  readonly twelveLead: boolean;
}

/** Seconds from the left edge to the right one. */
export const SECONDS = 10;
/** The usual printout: each lead for a quarter of the time, columns in sequence. */
const standard = ["I aVR V1 V4", "II aVL V2 V5", "III aVF V3 V6"].map((row) => row.split(" "));
const RHYTHM = "II";
const quarters = [0, 2.5, 5, 7.5];

/** Space between base lines that waves of common height need, and the height of letters. */
const PITCH = 35;
const LETTER = 3;

/**
 * Which lead stands where, and from when to when: twelve leads in the usual 3 × 4 with lead II as rhythm strip and other leads below,
 * any other set and shorter recordings in one row per lead. Rows are so far apart that no trace meets another, in steps of five
 * millimetres: base lines fall on bold lines.
 */
export function layOut(waveform: Waveform): Layout {
  const twelve = twelveLeads(waveform);
  const all = twelve ?? waveform.leads.map(whole);
  const measured = all.map((strips) => ({ strips, ...measure(strips, waveform.rate) }));
  const rows = measured.map(({ strips, label, up }, index) => {
    const before = measured[index - 1];
    const gaps = up.map((height, quarter) => Math.max(height, label + LETTER) + (before?.down[quarter] ?? 0) + 1);
    return { strips, label, above: bold(Math.max(before ? PITCH : 20, ...gaps)) };
  });
  const below = bold(Math.max(15, ...(measured.at(-1)?.down ?? []).map((depth) => depth + 1)));
  return { rows, below, twelveLead: twelve !== undefined };
}

function twelveLeads({ leads, duration }: Waveform): Strip[][] | undefined {
  const named = new Map(leads.map((lead) => [lead.name, lead]));
  const columns = standard.map((names) =>
    names.flatMap((name, index) => {
      const lead = named.get(name);
      const from = quarters[index] ?? 0;
      return lead ? [{ lead, from, to: from + 2.5 }] : [];
    }),
  );
  // a shorter recording would leave columns empty
  if (duration < SECONDS - 1 || columns.flat().length < standard.flat().length) return undefined;
  const shown = new Set(columns.flat().map(({ lead }) => lead));
  const rhythm = leads.filter((lead) => lead.name === RHYTHM && shown.has(lead));
  return [...columns, ...[...rhythm, ...leads.filter((lead) => !shown.has(lead))].map(whole)];
}

function whole(lead: Lead): Strip[] {
  return [{ lead, from: 0, to: SECONDS }];
}

/** What a row needs above and below its base line in each quarter, and where names are clear of the traces below them. */
function measure(strips: readonly Strip[], rate: number): { up: number[]; down: number[]; label: number } {
  const parts = quarters.map((start) =>
    deflection(
      strips
        .filter(({ from, to }) => from < start + 2.5 && to > start)
        .map(({ lead, from, to }) => ({ lead, from: Math.max(from, start), to: Math.min(to, start + 2.5) })),
      rate,
    ),
  );
  // a letter is as wide as a tenth of a second
  const named = strips.map((strip) => ({ ...strip, to: strip.from + 0.1 * (strip.lead.name.length + 0.5) }));
  const label = Math.max(10, deflection(named, rate).up + 1.5);
  return { up: parts.map(({ up }) => up), down: parts.map(({ down }) => down), label };
}

function bold(millimetres: number): number {
  return 5 * Math.ceil(millimetres / 5);
}
