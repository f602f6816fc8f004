// SPDX-License-Identifier: Apache-2.0
/** test/gas.json: what every operation cost when the file was last written. */
import { readFile, writeFile } from "node:fs/promises";

import type { Operation } from "./table.js";

const BASELINE = new URL("../../test/gas.json", import.meta.url);

export async function update(operations: readonly Operation[]): Promise<void> {
  const baseline = Object.fromEntries(operations.map(({ name, gas }) => [name, gas]));
  await writeFile(BASELINE, JSON.stringify(baseline, null, 2) + "\n");
}

/** True when nothing costs more than in the baseline and nothing is missing on either side. */
export async function check(operations: readonly Operation[]): Promise<boolean> {
  const baseline = JSON.parse(await readFile(BASELINE, "utf8")) as Readonly<Record<string, number>>;
  const measured = new Map(operations.map(({ name, gas }) => [name, gas]));
  let sound = true;
  const complain = (message: string) => {
    console.error(message);
    sound = false;
  };
  for (const [name, gas] of measured) {
    const known = baseline[name];
    if (known === undefined) complain(`${name}: not in test/gas.json; run with --update`);
    else if (gas > known) complain(`${name}: ${gas} gas, ${gas - known} more than the baseline of ${known}`);
    else if (gas < known)
      console.error(`${name}: ${gas} gas, ${known - gas} less than the baseline; run with --update`);
  }
  for (const name of Object.keys(baseline)) {
    if (!measured.has(name)) complain(`${name}: in test/gas.json, but not measured; run with --update`);
  }
  return sound;
}
