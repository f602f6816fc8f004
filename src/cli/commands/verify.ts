import { Command, Option } from "@commander-js/extra-typings";

import { CareKeyError } from "../../errors.js";
import type { Claim, ExportReport } from "../../record/export/report.js";
import { asActor } from "../../record/identities.js";
import { verifyExport } from "../../record/export/verify.js";
import { example } from "../help.js";
import { type Session, identitiesOf, long } from "../session.js";
import type { Terminal } from "../terminal.js";
import { textOf } from "../text-file.js";

/** Checks an exported chart without a network. */
export function verifyCommand(session: () => Session) {
  return new Command("verify")
    .description("check an exported chart, without a network: every hash, stamp and proof")
    .argument("<folder>", "what `carekey export` wrote")
    .option("--block-hash <hash>", "hash of the block that the export names, from somebody you trust")
    .addOption(
      new Option("--identity <file>", "look into a sealed export with this age identity file").conflicts("unlock"),
    )
    .option("--unlock", "look into a sealed export with this profile's identities", false)
    .addHelpText("after", example("carekey verify my-chart", "carekey verify my-chart --unlock --block-hash 0x3f5c…e1"))
    .action(async (folder, { blockHash, identity: file, unlock }) => {
      const { terminal } = session();
      const identity = unlock
        ? asActor({ identities: await identitiesOf(session()) }).identity
        : file === undefined
          ? undefined
          : await identityIn(file);
      const report = await long(session(), (pipeline) =>
        verifyExport(folder, {
          ...pipeline,
          ...(identity !== undefined && { identity }),
          ...(blockHash && { blockHash }),
        }),
      );
      terminal.result(report, lines(report, terminal));
      const { length: count } = report.problems;
      if (count > 0)
        throw new CareKeyError("EXPORT_INVALID", `The export has ${count} ${count === 1 ? "problem" : "problems"}`, {
          problems: count,
        });
    });
}

function lines(
  { block, blockTrusted, unproven, sealed, records, problems }: ExportReport,
  terminal: Terminal,
): string[] {
  const standing = ({ proven, word, unread }: ExportReport["records"][number], claim: Claim): string =>
    proven.includes(claim) ? "proven" : word.includes(claim) ? "word" : unread.includes(claim) ? "not read" : "WRONG";
  const claims = ["files", "stamps", "credentials", "anchor"] as const;
  const rests =
    unproven !== undefined
      ? `Nothing of the chain is proven: it rests on the word of the exporter's node (${unproven})`
      : blockTrusted
        ? `All that is proven rests on block ${block.number}, ${block.hash}, which you trust`
        : `All that is proven rests on block ${block.number}, ${block.hash}: compare it with a source that you trust`;
  return [
    ...terminal.table(
      ["record", "status", ...claims],
      records.map((record) => [
        record.recordId,
        record.missing === undefined ? record.status : `${record.status}, missing (${record.missing})`,
        ...claims.map((claim) => standing(record, claim)),
      ]),
    ),
    rests,
    "That there are no other records, and which manifest is the newest, rests on the exporter's word",
    ...(sealed && records.some(({ unread }) => unread.length > 0)
      ? ["The export is sealed: give --identity or --unlock to look into it"]
      : []),
    ...problems.map(({ file, what, code }) => `${file}: ${what} [${code}]`),
  ];
}

/** The hybrid identity in a file as `age-keygen -pq` writes it. */
async function identityIn(file: string): Promise<string> {
  const text = await textOf(file, "The identity's file");
  const found = text.split(/\r?\n/).find((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (found === undefined) throw new CareKeyError("IDENTITY_INVALID", "The file holds no age identity");
  return found.trim();
}
