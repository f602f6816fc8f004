import { layOut, SECONDS, type Row } from "./ecg-layout.js";
import { centred, tracePath } from "./ecg-trace.js";
import { readWaveform, type Waveform } from "./ecg-waveform.js";

/** A drawing and its physical size in millimetres. */
export interface EcgPaper {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
}

// the page, in millimetres: paper, then calibration pulse, then traces, both beginning on bold lines
const MARGIN = 5;
const START = MARGIN + 15;
const LENGTH = 25 * SECONDS;
const RIGHT = START + LENGTH + 5;
const WIDTH = RIGHT + MARGIN;
const FOOTER = 10;
/** Points of all traces together: some 250 kB. */
const POINTS = 30_000;

const style = `
.paper{fill:#fffbfa}
.fine,.bold{fill:none;stroke-linecap:square}
.fine{stroke:#f7d6d4;stroke-width:.1}
.bold{stroke:#eba9a5;stroke-width:.2}
.trace,.pulse,.mark{fill:none;stroke:#16161d;stroke-linejoin:round;stroke-linecap:round;stroke-width:.3}
.mark{stroke-width:.2}
text{font:3.6px Helvetica,Arial,"Liberation Sans",sans-serif;fill:#16161d}
.lead{font-weight:bold;paint-order:stroke;stroke:#fffbfa;stroke-width:.8;stroke-linejoin:round}
.end{text-anchor:end}
`;

/**
 * Draws the first ten seconds of a DICOM ECG (PS3.3 §C.10.9) on calibrated paper, as SVG of physical size: 25 mm/s, 10 mm/mV, lines
 * each millimetre, bold ones each five, a pulse of 1 mV for 200 ms before each row; see {@link layOut}. Each lead is drawn about its
 * median: electrocardiographs are coupled for alternating current, and electrodes add an offset. Deflections beyond 5 mV are cut off.
 *
 * Nothing of the patient is drawn. The drawing has no scripts and refers to nothing outside.
 *
 * @returns nothing for samples that {@link readWaveform} does not read.
 * @throws what the parser throws for malformed files.
 */
export function drawEcg(bytes: Uint8Array): EcgPaper | undefined {
  const read = readWaveform(bytes, SECONDS);
  if (!read) return undefined;
  const waveform = { ...read, leads: read.leads.map(centred) };
  const { rows, below, twelveLead } = layOut(waveform);
  const column = (2 * LENGTH * rows.length) / POINTS;
  let base = MARGIN;
  const drawn = rows.map((row) => drawRow(row, (base += row.above), waveform.rate, column));
  const bottom = base + below;
  const height = bottom + FOOTER;
  const title = `${twelveLead ? "12-lead ECG" : "ECG"}, 25 mm/s, 10 mm/mV`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}mm" height="${height}mm" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${title}</title>
<style>${style}</style>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<rect class="paper" x="${MARGIN}" y="${MARGIN}" width="${RIGHT - MARGIN}" height="${bottom - MARGIN}"/>
${grid("fine", 1, bottom)}
${grid("bold", 5, bottom)}
${drawn.join("\n")}
<text x="${START}" y="${bottom + 6}">25 mm/s 10 mm/mV</text>
<text class="end" x="${START + LENGTH}" y="${bottom + 6}">${extent(waveform)}</text>
</svg>
`;
  return { svg, width: WIDTH, height, title };
}

/** Horizontal and vertical lines over the paper, `step` millimetres apart. */
function grid(name: string, step: number, bottom: number): string {
  let lines = "";
  for (let x = MARGIN; x <= RIGHT; x += step) lines += `M${x} ${MARGIN}V${bottom}`;
  for (let y = MARGIN; y <= bottom; y += step) lines += `M${MARGIN} ${y}H${RIGHT}`;
  return `<path class="${name}" d="${lines}"/>`;
}

function drawRow({ strips, label }: Row, base: number, rate: number, column: number): string {
  const pulse = `<path class="pulse" d="M${MARGIN + 2.5} ${base}h2.5v-10h5v10h2.5"/>`;
  const traces = strips.map((strip, index) => {
    const x = START + strip.from * 25;
    const mark = index > 0 ? `<path class="mark" d="M${x} ${base - 5}v2.5M${x} ${base + 5}v-2.5"/>` : "";
    return `${mark}<path class="trace" d="${tracePath(strip, rate, START, base, column)}"/>`;
  });
  // after the traces, so that names stay readable where a wave is wide
  const names = strips.map(
    ({ lead, from }) =>
      `<text class="lead" x="${START + from * 25 + 1}" y="${(base - label).toFixed(1)}">${escape(lead.name)}</text>`,
  );
  return [pulse, ...traces, ...names].join("\n");
}

/** How much of the recording is seen, and how fine it is. */
function extent({ duration, rate }: Waveform): string {
  const part = duration > SECONDS ? `first ${SECONDS} s of ${Number(duration.toFixed(1))} s, ` : "";
  return `${part}${Number(rate.toFixed(1))} Hz`;
}

/** Lead names are what a file says. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
