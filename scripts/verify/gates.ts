/** Checks that can be pointed at any tree: at this one, and at copies in which something is broken. */
import { existsSync } from "node:fs";
import { readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";

import { type Ended, root, run } from "./tools.js";

/** Broken: it could not be checked, because it does not compile or the tool failed. */
export interface Checked extends Ended {
  readonly verdict: "passed" | "refused" | "broken";
}

// quickest first: most of what is broken fails in the first second
const kinds = [
  ["--no-match-test", "^(testFuzz|invariant)"],
  ["--match-test", "^testFuzz"],
  ["--match-test", "^invariant"],
];

/**
 * The Solidity tests in few runs: examples, then what is tried with chance values, then invariants, as long as they pass.
 * `first`: a glob of tests to begin with; only what these need is compiled for them.
 */
export async function testShortly(tree: string, seconds = 300, first?: string): Promise<Checked> {
  let ended: Ended = { status: -1, output: "" };
  for (const kind of first === undefined ? kinds : [["--match-path", first], ...kinds]) {
    const args = ["test", "--fail-fast", "--threads", "1", ...kind];
    ended = await run("forge", args, { tree, profile: "mutation", seconds });
    const refused = ended.output.includes("[FAIL") || ended.status === -1; // a test that never ends is no better
    if (ended.status !== 0) return { ...ended, verdict: refused ? "refused" : "broken" };
  }
  return { ...ended, verdict: "passed" };
}

/** Slither's findings that no comment in the source explains. */
export async function slither(tree: string): Promise<Checked> {
  const ended = await run("slither", ["."], { tree });
  const analyzed = /analyzed \((\d+) contracts.*, (\d+) result/.exec(ended.output);
  if (analyzed === null || analyzed[1] === "0") return { ...ended, verdict: "broken" };
  return { ...ended, verdict: ended.status === 0 && analyzed[2] === "0" ? "passed" : "refused" };
}

/* PROOFS */

interface Report {
  readonly test_results: Readonly<
    Record<string, readonly { readonly name: string; readonly exitcode: number; readonly num_bounded_loops: number }[]>
  >;
}

export interface Proofs extends Checked {
  readonly proved: number;
  /** What is not proved, and why. */
  readonly open: readonly string[];
}

/** halmos's codes for a proof that did not succeed. */
const refusals = ["", "a counterexample", "the solver gave up in time", "stuck", "every path reverts", "an error"];
const COUNTEREXAMPLE = 1;

/** Names of the proofs in the sources: none of them may go unnoticed. */
async function written(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const file of await readdir(folder, { recursive: true })) {
    if (!file.endsWith(".t.sol")) continue;
    const source = await readFile(path.join(folder, file), "utf8");
    for (const [, name] of source.matchAll(/function (check_\w+)/g)) if (name !== undefined) names.push(name);
  }
  return names;
}

/** Every `check_` function of test/proofs, or only that of the name, or those of some contracts. */
export async function halmos(tree: string, only?: string, contracts: readonly string[] = []): Promise<Proofs> {
  const file = path.join(tree, "cache/halmos.json");
  await rm(file, { force: true });
  const built = await run("forge", ["build"], { tree, profile: "proofs" }); // halmos would hide why it does not compile
  if (built.status !== 0) return { ...built, verdict: "broken", proved: 0, open: ["it does not compile"] };
  const chosen = only === undefined ? [] : ["--match-test", `^${only}\\(`];
  if (contracts.length > 0) chosen.push("--match-contract", `^(${contracts.join("|")})$`);
  const prover = path.join(root, "scripts/verify/prover.py");
  const ended = await run("python3", [prover, "--json-output", file, ...chosen], { tree, profile: "proofs" });
  const report = existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Report) : { test_results: {} };
  const results = Object.entries(report.test_results).flatMap(([contract, proofs]) =>
    proofs.map((proof) => ({ ...proof, title: `${contract.split(":")[1] ?? contract}.${proof.name}` })),
  );
  const open: string[] = [];
  for (const { title, exitcode, num_bounded_loops: loops } of results) {
    if (exitcode !== 0) open.push(`${title}: ${refusals[exitcode] ?? `code ${exitcode}`}`);
    // it says PASS, too, where it left off a loop
    else if (loops > 0) open.push(`${title}: a loop is longer than halmos follows it`);
  }
  const seen = new Set(results.map(({ name }) => name.replace(/\(.*/, "")));
  for (const name of await written(path.join(tree, "test/proofs"))) {
    if (contracts.length === 0 && !seen.has(name) && (only ?? name) === name)
      open.push(`${name}: did not run (is it in a contract whose name ends in Proofs?)`);
  }
  const proved = results.filter(({ exitcode, num_bounded_loops: loops }) => exitcode === 0 && loops === 0).length;
  const passed = ended.status === 0 && open.length === 0 && proved > 0;
  const refused = results.some(({ exitcode }) => exitcode === COUNTEREXAMPLE);
  return { ...ended, verdict: passed ? "passed" : refused ? "refused" : "broken", proved, open };
}
