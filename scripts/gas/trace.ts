// SPDX-License-Identifier: Apache-2.0
/** Prints where the gas of one operation goes. */
import type { Measured } from "./stage.js";
import { row } from "./table.js";

export async function trace(measured: readonly Measured[], name: string): Promise<string> {
  const operation = measured.find((one) => one.name === name);
  if (operation === undefined)
    throw new Error(`no operation ${name}; there are ${measured.map((one) => one.name).join(", ")}`);
  const { total, kinds } = await operation.profile();
  return [row([name, total]), ...[...kinds].map(row)].join("\n");
}
