import { parseArgs } from "node:util";

import { type Group, isKept } from "./group.js";

/**
 * Runs the groups that the command line names, or all, and prints their figures: a table, one object with `--json`; with `--check` the process fails
 * where a figure misses its target.
 */
export async function measure(groups: Readonly<Record<string, Group>>): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: "boolean", default: false }, check: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !(name in groups));
  if (unknown.length > 0) {
    console.error(`There is no group ${unknown.join(", ")}: ${Object.keys(groups).join(", ")}`);
    process.exit(2);
  }
  const chosen = Object.entries(groups).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const figures: Record<string, number> = {};
  const missed: string[] = [];
  for (const [, { targets, run }] of chosen) {
    const measured = await run((line) => {
      // aside: with --json the object is all that stdout carries
      console.error(line);
    });
    for (const [name, target] of Object.entries(targets)) {
      const figure = measured[name] ?? NaN;
      figures[name] = figure;
      if (!isKept(figure, target)) missed.push(`${name} is ${figure}, target ${JSON.stringify(target)}`);
    }
  }
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else console.table(figures);
  if (values.check && missed.length > 0) {
    console.error(missed.join("\n"));
    process.exitCode = 1;
  }
}
