/**
 * The whole way of one patient's records, on a chain and a store that live for a minute: `npm run demo`, `npm run -s demo -- --json`. Or on a chain
 * that is there: `npm run demo -- --rpc URL --private-key-file FILE`; the key's account deploys, and pays for the others where that costs anything.
 */
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";

import { parsePrivateKey } from "../../deploy/refusals.js";
import { table } from "../../src/cli/text.js";
import { CareKeyError } from "../../src/index.js";
import type { ChainAccess } from "./chain.js";
import { Stage } from "./stage.js";
import { type Caught, type Proven, catchLies, proveLists } from "./proofs.js";
import { type Played, play } from "./story.js";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    ipfs: { type: "string" },
    rpc: { type: "string" },
    "private-key-file": { type: "string" },
    pictures: { type: "string", default: ".demo/pictures" },
  },
});
const say = (line = ""): void => {
  if (!values.json) console.log(line);
};

say(
  `CareKey: a patient, four professionals, ${values.rpc === undefined ? "no network, no prior state" : "a chain"}.\n`,
);
const pictures = path.resolve(values.pictures);
// those of the demo before; a folder that somebody names is only added to
if (values.pictures === ".demo/pictures") await rm(pictures, { recursive: true, force: true });
const stage = await chainGiven()
  .then((chain) => Stage.build({ pictures, ipfs: values.ipfs, chain }))
  .catch(stop);
try {
  let number = 0;
  const { patient, log } = await play(stage, (line) => {
    say(`${String(++number).padStart(2)}. ${line}`);
  });
  const proven = await proveLists(patient);
  const caught = await catchLies(stage, patient);
  if (values.json) console.log(JSON.stringify({ ...summary(stage, log), proven, caught }, null, 2));
  else print(stage, log, proven, caught);
  if (!stage.identical) throw new Error("An opened file differs from its source");
} finally {
  await stage.strike();
}

/** What a person can mend is said in a sentence. */
function stop(error: unknown): never {
  if (!(error instanceof CareKeyError)) throw error;
  console.error(error.message);
  process.exit(1);
}

async function chainGiven(): Promise<ChainAccess | undefined> {
  const { rpc, "private-key-file": file } = values;
  if (rpc === undefined && file === undefined) return undefined;
  if (rpc === undefined || file === undefined)
    throw new CareKeyError("INVALID_ARGUMENT", "--rpc and --private-key-file go together");
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new CareKeyError("FILE_UNREADABLE", "The file of --private-key-file can't be read", {}, { cause });
  });
  return { rpc, privateKey: parsePrivateKey(text, "The file of --private-key-file") };
}

function summary({ identical, refused, costs, pictures }: Stage, log: Played["log"]): object {
  const by = (key: "gas" | "seconds"): object => Object.fromEntries(costs.map((cost) => [cost.step, cost[key]]));
  return { identical, refused, gas: by("gas"), seconds: by("seconds"), pictures, log };
}

function print(
  { refused, costs, names, identical, pictures }: Stage,
  log: Played["log"],
  proven: Proven,
  caught: readonly Caught[],
): void {
  const name = (value = ""): string => names.get(value) ?? value;
  say("\nThe patient's access log, from the chain alone:\n");
  show(
    ["when", "who", "what", "whom", "on", "may", "why"],
    log.map((entry) => [
      new Date(entry.when * 1000).toISOString().slice(11, 19),
      name(entry.who),
      entry.what,
      name(entry.grantee),
      name(entry.scope),
      entry.permissions?.join("+") ?? "",
      entry.purposes?.join("+") ?? "",
    ]),
  );
  say(
    "Reading leaves no trace on chain: refusal after a revocation is this program's word until keepers hold the keys.",
  );
  say(`\nLists that are ${proven.checkedBy === "proof" ? "complete by proof" : `checked by ${proven.checkedBy}`}:\n`);
  show(
    ["list", "entries"],
    Object.entries(proven.lists).map(([list, length]) => [list, String(length)]),
  );
  say("Lies of a node between the patient and the chain, and what became of them:\n");
  show(
    ["lie", "refused with"],
    caught.map(({ lie, code }) => [lie, code]),
  );
  say("What each step cost:\n");
  show(
    ["step", "transactions", "gas", "seconds"],
    costs.map(({ step, transactions, gas, seconds }) => [
      step,
      String(transactions),
      gas.toLocaleString("en"),
      seconds.toFixed(2),
    ]),
  );
  say("What was opened, drawn (for looking at, not for diagnosis):\n");
  for (const file of pictures) say(`  ${file}`);
  say();
  say(
    `${refused.length} attempts were refused; every opened file ${identical ? "equals" : "DIFFERS FROM"} its source.`,
  );
}

/** A table within the story, set in from its margin. */
function show(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const line of table(head, rows)) say(`  ${line}`);
  say();
}
