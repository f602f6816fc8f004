/** Shares and opens one record of 1 GiB in constant memory: `npm run bench`, `npm run -s bench -- --json`, `-- --mebibytes 256`. */
import { parseArgs } from "node:util";

import { type Source, randomLabel } from "../src/index.js";
import { Stage } from "./demo/stage.js";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, mebibytes: { type: "string", default: "1024" } },
});
const mebibyte = 1024 * 1024;
const size = Number(values.mebibytes) * mebibyte;

/** Bytes without a pattern that a disk could compress, made without touching one. */
const source: Source = {
  name: "generated.bin",
  size,
  *stream() {
    const noise = Buffer.alloc(2 * mebibyte, 0).map((_, index) => (index * 2654435761) >>> 24);
    for (let sent = 0; sent < size; sent += mebibyte) {
      const offset = (sent / mebibyte) % mebibyte;
      yield noise.subarray(offset, offset + Math.min(mebibyte, size - sent));
    }
  },
};

const stage = await Stage.build();
const patient = await stage.actor("patient");
let peak = 0;
const before = process.memoryUsage().rss;
const sample = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
try {
  const compartment = randomLabel();
  const { recordId } = await stage.step("share", () =>
    patient.share([source], { patient: patient.address, compartment }),
  );
  await stage.step("open", async () => {
    const { parts } = await patient.open(recordId, { purpose: "PATRQT" });
    let read = 0;
    for (const part of parts) for await (const chunk of part.stream()) read += chunk.length;
    if (read !== size) throw new Error(`${read} bytes came back, not ${size}`);
  });
} finally {
  clearInterval(sample);
  await stage.strike();
}

const seconds = (step: string): number => stage.costs.find((cost) => cost.step === step)?.seconds ?? NaN;
const result = {
  mebibytes: size / mebibyte,
  shareMBps: Math.round(size / 1e6 / seconds("share")),
  openMBps: Math.round(size / 1e6 / seconds("open")),
  rssMiB: Math.round(peak / mebibyte),
  rssGrowthMiB: Math.round((peak - before) / mebibyte),
};
// constant memory: what the process holds beyond its start does not grow with the record
const isBounded = peak - before <= 256 * mebibyte;
if (!isBounded) process.exitCode = 1;
if (values.json) console.log(JSON.stringify(result, null, 2));
else console.table(result);
