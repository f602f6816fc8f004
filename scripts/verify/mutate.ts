/**
 * Mutation test: `npm run test:mutation [-- Contract … --mutators ROR,SBR --jobs 4]`. Tries slither-mutate's mutants on copies of the tree, as many at a
 * time as there are cores. Fails on a mutant that no test refuses and test/mutation-allowed.txt does not explain, and where
 * less than 95 of 100 that compile are refused.
 */
import { readFile, writeFile } from "node:fs/promises";
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
  AnchorSlots: "records/Anchor.t.sol",
  Anchors: "records/{Anchor*,Point}.t.sol",
  CappedCall: "consent/CappedCall.t.sol",
  ConsentRegistry: "consent/*Announcements.t.sol",
  ConsentTypes: "consent/Signed*.t.sol",
  Corrections: "records/{Amend,Retract,Erasure*}.t.sol",
  CredentialRegistry: "registries/Credential*.t.sol",
  DelegationTerms: "properties/DelegationTerms.t.sol",
  Delegations: "consent/{Delegations,DelegateLimits,ReservedGrants}.t.sol",
  GrantTerms: "consent/Terms.t.sol",
  Grants: "consent/{Grants,Access*}.t.sol",
  Group: "consent/Groups.t.sol",
  GroupFactory: "consent/Groups.t.sol",
  KeyRegistry: "registries/KeyRegistry.t.sol",
  RecordTypes: "records/{AnchorBySig,Erasure*,VerifyStamp}.t.sol",
  Roots: "records/{Roots,ClaimLeaf}.t.sol",
  Scopes: "consent/Terms.t.sol",
  Signatures: "consent/Signatures.t.sol",
  SignedConsents: "consent/{Signed*,Batches}.t.sol",
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

const { values: flags, positionals: names } = parseArgs({
  options: {
    jobs: { type: "string", default: String(availableParallelism()) },
    verbose: { type: "boolean" },
    mutators: { type: "string" },
  },
  allowPositionals: true,
});
const allowed = await readAllowed(list);
await requireTools("forge", "slither", "python3");

const outcomes = new Map<Mutant, "killed" | "alive" | "invalid">();
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
  const mutated = [...distinct(mutants, sources)];
  await inEach(trees, mutated, async (tree, [mutant, source]) => {
    const file = path.join(tree, mutant.file);
    await writeFile(file, source);
    const tests = closest[mutant.contract];
    const first = tests === undefined ? undefined : `test/solidity/${tests}`;
    const { verdict, output } = await testShortly(tree, 300, first);
    await writeFile(file, sources.get(mutant.file) ?? "");
    if (verdict === "broken" && !output.includes("Compiler run failed")) fail(output, "The tests could not be run.");
    outcomes.set(mutant, verdict === "refused" ? "killed" : verdict === "passed" ? "alive" : "invalid");
    const known = verdict === "passed" && allowed.has(title(mutant)) ? " (allowed)" : "";
    if (flags.verbose || verdict === "passed") {
      console.log(
        `${verdict === "passed" ? "ALIVE" : verdict} ${mutant.file}:${mutant.line}${known}\n  ${title(mutant)}`,
      );
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
