/**
 * Mutation test of the SDK's chain layer: `npm run test:mutation:chain [-- --mutate src/chain/terms.ts]`, with any option of Stryker. Fails on a mutant
 * that no test refuses and test/mutation-allowed-chain.txt does not explain, and where less than 95 of 100 are refused.
 */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { readAllowed, requireAllowed } from "./allowed.js";
import { fail, root, searched } from "./tools.js";

const LEAST = 0.95;

const list = "test/mutation-allowed-chain.txt";

interface Position {
  readonly line: number;
  readonly column: number;
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement: string;
  /** Lines and columns from 1. */
  readonly location: { readonly start: Position; readonly end: Position };
  readonly status: string;
}

/** What Stryker reports, as far as it is read here. */
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

/** What one file's mutants came to. */
interface Tally {
  readonly file: string;
  readonly killed: number;
  /** Refused because they never came to an end. */
  readonly endless: number;
  readonly alive: number;
  /** With which the tests can't even be loaded; they count for nothing. */
  readonly broken: number;
}

const alive = new Set(["Survived", "NoCoverage"]);
const tested = new Set([...alive, "Killed", "Timeout"]);

/** The line that names a mutant in the list: without its line number, which changes too often. */
function titleOf(file: string, source: string, { mutatorName, replacement, location }: Mutant): string {
  const lines = source.split("\n");
  const offset = ({ line, column }: Position): number =>
    [...lines.slice(0, line - 1), ""].join("\n").length + column - 1;
  const old = source.slice(offset(location.start), offset(location.end));
  return `${file} [${mutatorName}] ${old} ==> ${replacement}`.replace(/\s+/g, " ").trim();
}

/** Titles with how often they occur, where that is more than once: a second place needs a reason of its own. */
function counted(titles: readonly string[]): Set<string> {
  const counts = new Map<string, number>();
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1);
  return new Set([...counts].map(([title, count]) => (count === 1 ? title : `${title} (${count} times)`)));
}

const shareOf = ({ killed, endless, alive: left }: Tally): number => (killed + endless) / (killed + endless + left);

const allowed = await readAllowed(list);
const began = Date.now();
const { status } = spawnSync("stryker", ["run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: searched },
});
if (status !== 0) fail("Stryker did not come to an end.");
const report = JSON.parse(await readFile(path.join(root, "cache/stryker.json"), "utf8")) as Report;

const tallies: Tally[] = [];
const [left, tried]: [string[], string[]] = [[], []];
for (const [file, { source, mutants }] of Object.entries(report.files)) {
  const name = path.posix.relative("src/chain", file);
  const count = (is: string): number => mutants.filter((mutant) => mutant.status === is).length;
  for (const mutant of mutants.filter((each) => tested.has(each.status))) {
    const title = titleOf(name, source, mutant);
    tried.push(title);
    if (alive.has(mutant.status)) left.push(title);
  }
  const survivors = [...alive].reduce((sum, each) => sum + count(each), 0);
  const broken = count("RuntimeError") + count("CompileError");
  tallies.push({ file: name, killed: count("Killed"), endless: count("Timeout"), alive: survivors, broken });
}
const sum = (field: Exclude<keyof Tally, "file">): number => tallies.reduce((all, each) => all + each[field], 0);
const total: Tally = {
  file: "all",
  killed: sum("killed"),
  endless: sum("endless"),
  alive: sum("alive"),
  broken: sum("broken"),
};
console.table([...tallies, total].map((each) => ({ ...each, share: `${(shareOf(each) * 100).toFixed(1)} %` })));
console.log(`${((Date.now() - began) / 60_000).toFixed(1)} min`);

requireAllowed(list, allowed, counted(left), new Set([...tried, ...counted(tried)]));
if (!(shareOf(total) >= LEAST)) fail(`less than ${LEAST * 100} % killed`);
