import path from "node:path";

import { Command, Option } from "@commander-js/extra-typings";

import { roles } from "../../chain/ids.js";
import type { Delivery } from "../../record/deliver.js";
import type { SharedMany } from "../../record/share-many.js";
import type { Shared } from "../../record/share.js";
import { fileSource } from "../../record/source.js";
import { example } from "../help.js";
import { lossOption, publishedVault, requireRecovery } from "../recovery.js";
import { namesOf, patientOf, resolveCompartment } from "../scope.js";
import { type Session, long, unlock } from "../session.js";
import { heldLine } from "./redeliver.js";

/** Adds a record to the actor's own chart or, with WRITE, to a patient's. */
export function recordAddCommand(session: () => Session) {
  return new Command("add")
    .description(
      "seal files as one record, or each as a record of its own; stamp, store and anchor; interrupted: do it again",
    )
    .argument("<file...>", "up to 4096 files: the parts of one record or, with --each, the records")
    .requiredOption("--compartment <name>", "name or label of the compartment")
    .option("--patient <address>", "whose chart (default: your own)")
    .addOption(
      new Option(
        "--role <role>",
        "the role you stamp in; without it the record counts as reported by the patient",
      ).choices(roles),
    )
    .option("--title <text>", "what it is, for whoever opens it; with --each the title of the list")
    .option(
      "--each",
      "make each file a record, all in one transaction, and a list of them; they are called as their files",
    )
    .option(...lossOption)
    .addHelpText(
      "after",
      example(
        "carekey record add ecg.dcm --compartment heart",
        'carekey record add slices/*.dcm --patient 0x7099…79C8 --compartment imaging --role practitioner --title "Brain MR"',
        "carekey record add reports/*.pdf --each --patient 0x7099…79C8 --compartment laboratory --role laboratory",
      ),
    )
    .action(async (files, options) => {
      const sources = await Promise.all(files.map((file) => fileSource(file)));
      await requireRecovery(session(), options.iAcceptLoss);
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, options.patient);
      const compartment = resolveCompartment(options.compartment, await namesOf(unlocked, patient));
      const place = { patient, compartment, role: options.role, title: options.title };
      await publishedVault(session(), unlocked);
      const { terminal } = session();
      if (options.each === true) {
        const records = sources.map((source) => ({ sources: [source], title: path.parse(source.name).name }));
        const shared = await long(session(), (pipeline) => carekey.shareMany(records, { ...pipeline, ...place }));
        terminal.result({ patient, compartment, ...shared }, listLines(shared));
        return;
      }
      const shared = await long(session(), (pipeline) => carekey.share(sources, { ...pipeline, ...place }));
      terminal.result({ patient, compartment, ...shared }, sharedLines(shared));
    });
}

const doubled = "anchored before; nothing was doubled";

/** What became of a new record, for people. */
export function sharedLines({ recordId, transaction, ...delivery }: Shared): string[] {
  return [`Record ${recordId}${transaction === undefined ? ` was ${doubled}` : ""}`, ...deliveryLines(delivery)];
}

/** What became of many at once. */
function listLines({ recordId, records, transaction, ...delivery }: SharedMany): string[] {
  const count = `${records.length} record${records.length === 1 ? "" : "s"}`;
  return [
    `List ${recordId}: ${count}, ${transaction === undefined ? doubled : "in one transaction"}`,
    ...deliveryLines(delivery),
  ];
}

function deliveryLines({ delivered, withoutKey, held, revokedMeanwhile }: Delivery): string[] {
  return [
    ...delivered.map((reader) => `Key sent to ${reader}`),
    ...withoutKey.map((reader) => `No key sent to ${reader}: none published`),
    ...held.map(heldLine),
    ...revokedMeanwhile.map((reader) => `No key sent to ${reader}: revoked meanwhile`),
  ];
}
