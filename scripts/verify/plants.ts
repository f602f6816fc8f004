/**
 * Planted bugs: the clean tree passes, and each patch of test/plants is refused (`npm run verify:plants [-- name …]`).
 * A patch begins with `# what is wrong` lines; `# gate: slither` names the gates that must each refuse it, `forge` (the tests
 * in few runs) unless it does; `halmos:check_name` is that proof alone. A patch that does not apply or does not compile fails,
 * too: it plants nothing. With `--quick` the prover is not asked: what it alone refuses is left to the whole run.
 */
import { readFile, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";

import { type Checked, halmos, slither, testShortly } from "./gates.js";
import { fail, inEach, requireTools, root, run, shareCache, withCopies } from "./tools.js";

// cheapest first
const gates: ReadonlyMap<string, (tree: string, only?: string) => Promise<Checked>> = new Map([
  ["forge", (tree) => testShortly(tree)],
  ["halmos", halmos],
  ["slither", slither],
]);

/** Checks a tree with a gate as a patch names it: `forge`, `halmos:check_name`. */
async function check(tree: string, named: string): Promise<Checked> {
  const [gate = "", only] = named.split(":");
  return (await gates.get(gate)?.(tree, only)) ?? { verdict: "broken", status: -1, output: "" };
}

interface Plant {
  readonly name: string;
  readonly patch: string;
  readonly wrong: string;
  readonly gates: readonly string[];
}

const tool = (gate: string): string => gate.replace(/:.*/, "");
const order = [...gates.keys()];

async function readPlant(file: string): Promise<Plant> {
  const patch = await readFile(path.join(root, "test/plants", file), "utf8");
  const name = file.replace(/\.patch$/, "");
  const comments = patch.split("\n").filter((line) => line.startsWith("# "));
  const named = comments.flatMap((line) => /^# gate: (.*)$/.exec(line)?.[1]?.split(/[\s,]+/) ?? []);
  const unknown = named.filter((gate) => !gates.has(tool(gate)));
  if (unknown.length > 0) fail(`${file}: there is no gate ${unknown.join(", ")}, only ${order.join(", ")}`);
  const wrong = comments.find((line) => !line.startsWith("# gate:"))?.slice(2);
  if (wrong === undefined) fail(`${file} does not say what is wrong`);
  const sorted = named.sort((a, b) => order.indexOf(tool(a)) - order.indexOf(tool(b)));
  return { name, patch, wrong, gates: sorted.length > 0 ? sorted : ["forge"] };
}

const files = (await readdir(path.join(root, "test/plants"))).filter((file) => file.endsWith(".patch")).sort();
const isQuick = process.argv.includes("--quick");
const wanted = process.argv.slice(2).filter((word) => word !== "--quick");
const plants = (await Promise.all(files.map(readPlant)))
  .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  .map((plant) => (isQuick ? { ...plant, gates: plant.gates.filter((gate) => tool(gate) !== "halmos") } : plant))
  .filter(({ gates: left }) => left.length > 0);
if (plants.length === 0) fail("There is no plant.");
const used = [...new Set(plants.flatMap((plant) => plant.gates))];
await requireTools("forge", "git", ...used.map(tool));

const problems: string[] = [];
const seconds = (began: number): string => `${((Date.now() - began) / 1000).toFixed(0)} s`;

/** Why this plant does not prove that the gates work; undefined where it does. */
async function tryPlant(tree: string, plant: Plant): Promise<string | undefined> {
  const apply = (...more: string[]) => run("git", ["apply", ...more, "-"], { tree, input: plant.patch });
  const applied = await apply();
  if (applied.status !== 0) return `does not apply\n${applied.output.trim()}`;
  try {
    for (const name of plant.gates) {
      const { verdict, output } = await check(tree, name);
      if (verdict === "passed") return `${name} does not notice`;
      if (verdict === "broken") return `${name} can't check it\n${output.trim().split("\n").slice(-20).join("\n")}`;
    }
    return undefined;
  } finally {
    await apply("--reverse");
  }
}

await withCopies(Math.min(availableParallelism(), plants.length), async (trees) => {
  const [first = ""] = trees;
  for (const name of used) {
    const began = Date.now();
    const { verdict, output } = await check(first, name);
    if (verdict !== "passed") fail(output.trim(), `${name} does not pass the clean tree`);
    console.log(`${name} passes the clean tree (${seconds(began)})`);
  }
  await shareCache(trees);
  await inEach(trees, plants, async (tree, plant) => {
    const began = Date.now();
    const problem = await tryPlant(tree, plant);
    if (problem !== undefined) problems.push(`${plant.name}: ${problem}`);
    const outcome = problem === undefined ? `refused by ${plant.gates.join(", ")}` : "NOT REFUSED";
    console.log(`${plant.name}: ${outcome} (${seconds(began)}): ${plant.wrong}`);
  });
});
console.log(`${plants.length - problems.length} plants refused, ${problems.length} not`);
if (problems.length > 0) fail(...problems);
