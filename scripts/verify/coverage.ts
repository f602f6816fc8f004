/**
 * Coverage by `forge coverage`: every line, statement, branch and function of contracts/ (`npm run verify:coverage`).
 *
 * How forge counts: each source file once, whichever contract it was compiled into. A library's internal function or an
 * abstract contract's function is covered when any contract that has it runs it, a test contract, too. Interfaces have no
 * rows; a file that no test touches has rows with 0 hits. An `if` that only reverts is one branch, an `if` with `else` two;
 * `&&`, `||` and `?:` are none (mutants look there). It compiles without the optimizer and not via IR; "stack too deep" there
 * would need `--ir-minimum`, which maps lines badly: rather split the function.
 */
import { fail, requireTools, run } from "./tools.js";

await requireTools("forge");
// the debug report alone says where statements are not covered; lcov knows none
const args = ["coverage", "--report", "debug", "--no-match-coverage", "^(test|node_modules)/"];
const { status, output } = await run("forge", args, { profile: "coverage" });
if (status !== 0) fail(output.trim());

const kinds = ["Line", "Statement", "Branch", "Function"] as const;
const counts = new Map<string, { all: number; hit: number }>(kinds.map((kind) => [kind, { all: 0, hit: 0 }]));
const missed = new Map<string, string>();
let file = "";
for (const line of output.split("\n")) {
  if (/^contracts\/.*\.sol:$/.test(line)) file = line.slice(0, -1);
  else if (line.startsWith("Anchors for ")) break;
  const item = /^- (\w+) .*lines: (\d+)\.\..*hits: (\d+)\) -> (.*)$/.exec(line);
  const count = counts.get(item?.[1] ?? "");
  if (item === null || count === undefined) continue;
  const [, kind = "", number = "", hits, text = ""] = item;
  ++count.all;
  if (hits !== "0") ++count.hit;
  else if (kind === "Line") missed.set(`${file}:${number}`, text);
  // of a line that is covered
  else if (!missed.has(`${file}:${number}`)) missed.set(`${file}:${number} (${kind.toLowerCase()})`, text);
}

const summary = [...counts].map(([kind, { all, hit }]) => `${kind.toLowerCase()} ${hit}/${all}`).join(", ");
console.log(summary);
const complete = [...counts.values()].every(({ all, hit }) => all > 0 && hit === all);
if (!complete) fail("Not covered:", ...[...missed].map(([where, text]) => `${where}: ${text}`));
