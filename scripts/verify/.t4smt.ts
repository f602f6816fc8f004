/** The compiler's SMTChecker proves every assertion of the models in test/smt, over any number of calls (`npm run verify:smt`). */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { fail, requireTools, root, searched } from "./tools.js";

interface Compiler {
  compile(
    input: string,
    callbacks: { import(name: string): object; smtSolver(query: string): { contents: string } },
  ): string;
}
interface Output {
  readonly errors?: readonly {
    readonly severity: string;
    readonly message: string;
    readonly formattedMessage: string;
  }[];
}

const solc = createRequire(import.meta.url)("solc") as Compiler;

const read = (name: string): object => {
  const file = [name, path.join("node_modules", name)].map((at) => path.join(root, at)).find((at) => existsSync(at));
  return file === undefined ? { error: `there is no ${name}` } : { contents: readFileSync(file, "utf8") };
};

/** The options are those that the compiler itself gives to z3. */
const options = ["-in", "-smt2", "-T:400", "rlimit=200000000", "rewriter.pull_cheap_ite=true", "fp.spacer.mbqi=false"];
const smtSolver = (input: string) => {
  const { stdout } = spawnSync("z3", options, { input, encoding: "utf8", env: { ...process.env, PATH: searched } });
  return { contents: stdout || "unknown" };
};

await requireTools("z3");
let proved = 0;
const open: string[] = [];
const models = ["Slots.sol"].filter((name) => name.endsWith(".sol"));
for (const model of models) {
  const file = `test/smt/${model}`;
  const settings = {
    evmVersion: "cancun",
    modelChecker: { engine: "chc", solvers: ["smtlib2"], targets: ["assert"], showProvedSafe: true, showUnproved: true, timeout: 400_000 },
    outputSelection: { "*": { "*": ["abi"] } },
  };
  const sources = { [file]: { content: readFileSync(path.join(root, file), "utf8") } };
  const input = { language: "Solidity", sources, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read, smtSolver })) as Output;
  const safe = output.errors?.filter(({ message }) => message.includes("check is safe!")) ?? [];
  // whatever else it says: not proved, not compiled, not supported
  for (const error of output.errors ?? []) if (!safe.includes(error)) open.push(error.formattedMessage);
  if (safe.length === 0) open.push(`${file}: nothing is proved`);
  proved += safe.length;
  console.log(`${file}: ${safe.length} proved`);
}
console.log(`${proved} proved, ${open.length} not`);
if (open.length > 0 || proved === 0) fail(...open);
