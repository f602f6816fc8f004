/**
 * Mutation test: `npm run test:mutation [-- Contract … --mutators ROR,SBR --jobs 4]`. Tries slither-mutate's mutants on copies of the tree, as many at a
 * time as there are cores. What was killed or did not compile is remembered in cache/mutants.txt as long as no contract
 * changes, so that a run which was ended goes on where it was; `--again` forgets it. Fails on a mutant that no test refuses and test/mutation-allowed.txt does not explain, and where
 * less than 95 of 100 that compile are refused.
 */
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { readAllowed, requireAllowed } from "./allowed.js";
import { testShortly } from "./gates.js";
import { fail, inEach, requireTools, root, run, shareCache, withCopies } from "./tools.js";

const LEAST = 0.95;

const list = "test/mutation-allowed.txt";

/** Tests that know most about a contract: tried first, and compiled alone. */
const closest: Readonly<Record<string, string>> = {
  Access: "consent/{Access*,DenyWins}.t.sol",
  Acts: "consent/{Grants,Denials,Lifts,Histories,Lockdowns}.t.sol",
  AnchorWords: "records/Anchor.t.sol",
  Anchors: "records/Anchor*.t.sol",
  AnnouncementForms: "announcements/SignedAnnouncements.t.sol",
  Announcements: "announcements/*.t.sol",
  CappedCall: "consent/CappedCall.t.sol",
  ConsentForms: "consent/*.t.sol",
  ConsentRegistry: "consent/*.t.sol",
  Corrections: "records/{Amend,Retract}.t.sol",
  CredentialRegistry: "registries/Credential*.t.sol",
  DelegateActs: "consent/Delegat*.t.sol",
  DelegationTerms: "properties/DelegationTerms.t.sol",
  Erasures: "records/Erasure*.t.sol",
  GrantTerms: "properties/GrantTerms.t.sol",
  Group: "groups/*.t.sol",
  GroupFactory: "groups/*.t.sol",
  GroupForms: "groups/SignedGroups.t.sol",
  KeyForms: "registries/KeyRegistry.t.sol",
  KeyRegistry: "registries/KeyRegistry.t.sol",
  PersonStates: "consent/*.t.sol",
  Pointers: "records/Point*.t.sol",
  RecordForms: "records/*.t.sol",
  Records: "records/*.t.sol",
  Roots: "records/{Roots,Claim*}.t.sol",
  SignedActions: "consent/*.t.sol",
  Signatures: "consent/Signatures.t.sol",
  Stamps: "records/{VerifyStamp,Witness}.t.sol",
};

interface Mutant {
  readonly contract: string;
  /** Contract and function. */
  readonly where: string;
  readonly mutator: string;
  readonly file: string;
  readonly line: number;
  /** Offsets in bytes. */
  readonly start: number;
  readonly end: number;
  readonly old: string;
  readonly new: string;
}

type Outcome = "killed" | "alive" | "invalid";

interface Remembered {
  readonly outcome: Outcome | undefined;
  readonly keep: (outcome: Outcome) => Promise<void>;
}

/** The line that names a mutant in the list: without its line number, which changes too often. */
function title({ where, mutator, old, new: made }: Mutant): string {
  return `${where} [${mutator}] ${old} ==> ${made}`.replace(/\s+/g, " ").trim();
}

/** Mutants whose source differs, from the original and from each other. */
function distinct(mutants: readonly Mutant[], sources: ReadonlyMap<string, Buffer>): ReadonlyMap<Mutant, Buffer> {
  const seen = new Set([...sources.values()].map(String));
  const kept = new Map<Mutant, Buffer>();
  for (const mutant of mutants) {
    const source = sources.get(mutant.file) ?? Buffer.of();
    const mutated = Buffer.concat([
      source.subarray(0, mutant.start),
      Buffer.from(mutant.new),
      source.subarray(mutant.end),
    ]);
    if (seen.has(String(mutated))) continue;
    seen.add(String(mutated));
    kept.set(mutant, mutated);
  }
  return kept;
}

const memory = path.join(root, "cache/mutants.txt");

/** What was found out before about this mutant of these contracts, and where to write it down. */
async function remembered(again: boolean): Promise<(mutant: Mutant, source: Buffer) => Remembered> {
  await mkdir(path.dirname(memory), { recursive: true });
  if (again) await rm(memory, { force: true });
  const contracts = createHash("sha256");
  const folder = path.join(root, "contracts");
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    if (name.endsWith(".sol")) contracts.update(await readFile(path.join(folder, name)));
  }
  const base = contracts.digest();
  const lines = await readFile(memory, "utf8").catch(() => "");
  const known = new Map(lines.split("\n").map((line) => line.split(" ") as [string, Outcome]));
  return ({ file }, source) => {
    const key = createHash("sha256").update(base).update(file).update(source).digest("hex");
    return {
      outcome: known.get(key),
      keep: async (outcome) => {
        // another test may kill what lives today
        if (outcome !== "alive") await appendFile(memory, `${key} ${outcome}\n`);
      },
    };
  };
}

const { values: flags, positionals: names } = parseArgs({
  options: {
    jobs: { type: "string", default: String(availableParallelism()) },
    verbose: { type: "boolean" },
    mutators: { type: "string" },
    again: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const allowed = await readAllowed(list);
await requireTools("forge", "slither", "python3");

const outcomes = new Map<Mutant, Outcome>();
let seconds = 0;
await withCopies(Number(flags.jobs), async (trees) => {
  const [first = ""] = trees;
  const listed = await run("python3", [path.join(root, "scripts/verify/mutants.py"), ...names], { tree: first });
  if (listed.status !== 0) fail(listed.output.trim());
  const mutators = flags.mutators?.split(",");
  const all = JSON.parse(listed.output) as readonly Mutant[];
  const mutants = all.filter(({ mutator }) => mutators?.includes(mutator) ?? true);
  const clean = await testShortly(first);
  if (clean.verdict !== "passed") fail(clean.output, "The tests fail without any mutant.");
  await shareCache(trees);

  const sources = new Map<string, Buffer>();
  for (const { file } of mutants) if (!sources.has(file)) sources.set(file, await readFile(path.join(first, file)));
  const began = Date.now();
  const recall = await remembered(flags.again);
  const mutated = [...distinct(mutants, sources)];
  await inEach(trees, mutated, async (tree, [mutant, source]) => {
    const { outcome, keep } = recall(mutant, source);
    if (outcome !== undefined) {
      outcomes.set(mutant, outcome);
      return;
    }
    const file = path.join(tree, mutant.file);
    await writeFile(file, source);
    const tests = closest[mutant.contract];
    const first = tests === undefined ? undefined : `test/solidity/${tests}`;
    const { verdict, output } = await testShortly(tree, 300, first);
    await writeFile(file, sources.get(mutant.file) ?? "");
    if (verdict === "broken" && !output.includes("Compiler run failed")) fail(output, "The tests could not be run.");
    const found = verdict === "refused" ? "killed" : verdict === "passed" ? "alive" : "invalid";
    outcomes.set(mutant, found);
    await keep(found);
    const known = verdict === "passed" && allowed.has(title(mutant)) ? " (allowed)" : "";
    if (flags.verbose || verdict === "passed") {
      console.log(`${found === "alive" ? "ALIVE" : found} ${mutant.file}:${mutant.line}${known}\n  ${title(mutant)}`);
    }
  });
  seconds = (Date.now() - began) / 1000;
});

const count = (outcome: string, contract?: string): number =>
  [...outcomes].filter(([mutant, was]) => was === outcome && (contract ?? mutant.contract) === mutant.contract).length;
const report = (who: string, contract?: string): number => {
  const [killed, alive] = [count("killed", contract), count("alive", contract)];
  const share = killed / (killed + alive);
  console.log(
    `${who}: ${killed} of ${killed + alive} killed (${(share * 100).toFixed(1)} %), ${count("invalid", contract)} did not compile`,
  );
  return share;
};
for (const contract of new Set([...outcomes.keys()].map(({ contract }) => contract))) report(contract, contract);
const share = report("all");
console.log(`${seconds.toFixed(0)} s, ${(seconds / outcomes.size).toFixed(1)} s for each mutant`);

const alive = new Set([...outcomes].filter(([, outcome]) => outcome === "alive").map(([mutant]) => title(mutant)));
const tried = new Set([...outcomes.keys()].map(title));
requireAllowed(list, allowed, alive, tried);
// NaN where there was none
if (!(share >= LEAST)) fail(`less than ${LEAST * 100} % killed`);
