// SPDX-License-Identifier: Apache-2.0
/**
 * Measures what each operation of the contracts costs, on a fresh simulated chain.
 *
 *     tsx scripts/gas.ts                a table
 *     tsx scripts/gas.ts --json         the same for a program
 *     tsx scripts/gas.ts --check        fails where an operation costs more than in test/gas.json
 *     tsx scripts/gas.ts --update       writes test/gas.json
 *     tsx scripts/gas.ts --trace grant  where the gas of one operation goes
 *
 * A state change is measured as the whole gas of its receipt: a transaction of its own, so every slot is cold, by actors
 * who have done nothing before; what is signed is carried by somebody else who is new. `…100Each` is a hundredth of a
 * transaction of 100. A view is measured as the gas its code uses in a trace of the call, without the 21,000 and the
 * calldata of a transaction, which nobody pays: nothing else is taken off. All keys, words and times are fixed, and no
 * byte of an address, label, digest or signature is zero (a zero byte would save 12 gas), so that the figures repeat to
 * the unit.
 */
import { parseArgs } from "node:util";

import { check, update } from "./gas/baseline.js";
import { measureAnnouncements } from "./gas/announcements.js";
import { measureDelegations, measureGrants, measureSignedGrants } from "./gas/consent.js";
import { measureAnchors, measureCorrections, measureQuestions, measureRoots, measureStamps } from "./gas/records.js";
import { measureCredentials, measureGroups, measureKeys } from "./gas/registries.js";
import { build } from "./gas/stage.js";
import { judge, table } from "./gas/table.js";
import { trace } from "./gas/trace.js";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean" },
    check: { type: "boolean" },
    update: { type: "boolean" },
    trace: { type: "string" },
  },
});

const stage = await build();
await measureGrants(stage);
await measureSignedGrants(stage);
await measureDelegations(stage);
await measureCredentials(stage);
await measureKeys(stage);
await measureGroups(stage);
await measureAnnouncements(stage);
await measureAnchors(stage);
await measureCorrections(stage);
await measureRoots(stage);
await measureStamps(stage);
await measureQuestions(stage);
const operations = await judge(stage.measured);

if (flags.trace !== undefined) console.log(await trace(stage.measured, flags.trace));
else if (flags.json) console.log(JSON.stringify({ operations }, null, 2));
else console.log(table(operations));
if (flags.update) await update(operations);
if (flags.check && !(await check(operations))) process.exitCode = 1;
