import { Command, Option } from "@commander-js/extra-typings";

import { roles } from "../../chain/ids.js";
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
    .description("seal files as one record, stamp it, store it and anchor it; interrupted: do it again")
    .argument("<file...>", "up to 4096 files: the parts of one record")
    .requiredOption("--compartment <name>", "name or label of the compartment")
    .option("--patient <address>", "whose chart (default: your own)")
    .addOption(
      new Option(
        "--role <role>",
        "the role you stamp in; without it the record counts as reported by the patient",
      ).choices(roles),
    )
    .option("--title <text>", "what it is, for whoever opens it")
    .option(...lossOption)
    .addHelpText(
      "after",
      example(
        "carekey record add ecg.dcm --compartment heart",
        'carekey record add slices/*.dcm --patient 0x7099…79C8 --compartment imaging --role practitioner --title "Brain MR"',
      ),
    )
    .action(async (files, options) => {
      const sources = await Promise.all(files.map((file) => fileSource(file)));
      await requireRecovery(session(), options.iAcceptLoss);
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, options.patient);
      const compartment = resolveCompartment(options.compartment, await namesOf(unlocked, patient));
      const { role, title } = options;
      await publishedVault(session(), unlocked);
      const shared = await long(session(), (pipeline) =>
        carekey.share(sources, { ...pipeline, patient, compartment, role, title }),
      );
      session().terminal.result({ patient, compartment, ...shared }, sharedLines(shared));
    });
}

/** What became of a new record, for people. */
export function sharedLines({
  recordId,
  transaction,
  delivered,
  withoutKey,
  held,
  revokedMeanwhile,
}: Shared): string[] {
  return [
    `Record ${recordId}${transaction === undefined ? " was anchored before; nothing was doubled" : ""}`,
    ...delivered.map((reader) => `Key sent to ${reader}`),
    ...withoutKey.map((reader) => `No key sent to ${reader}: none published`),
    ...held.map(heldLine),
    ...revokedMeanwhile.map((reader) => `No key sent to ${reader}: revoked meanwhile`),
  ];
}
