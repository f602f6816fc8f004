import { Command, Option } from "@commander-js/extra-typings";

import { reasonId, roles } from "../../chain/ids.js";
import { correctionReasons } from "../../record/reasons.js";
import { fileSource } from "../../record/source.js";
import { example } from "../help.js";
import { lossOption, publishedVault, requireRecovery } from "../recovery.js";
import { type Session, long, unlock } from "../session.js";
import { underOption } from "../under.js";
import { sharedLines } from "./record-add.js";

/** Why a record is amended or retracted. */
export const reasonOption = () =>
  new Option(
    "--reason <text>",
    `why, in public and for ever, up to 31 bytes: ${correctionReasons.join(", ")} …`,
  ).makeOptionMandatory();

/** Puts a new record in the place of another. */
export function recordAmendCommand(session: () => Session) {
  return new Command("amend")
    .description("put a new record, of these files, in the place of another; interrupted: do it again")
    .argument("<record>", "id of the record that is wrong or incomplete")
    .argument("<file...>", "all files of the new record, up to 4096")
    .addOption(reasonOption())
    .addOption(
      new Option(
        "--role <role>",
        "the role you stamp in; without it the record counts as reported by the patient",
      ).choices(roles),
    )
    .option("--title <text>", "what it is, for whoever opens it")
    .addOption(underOption())
    .option(...lossOption)
    .addHelpText(
      "after",
      example('carekey record amend 0x3f5c…e1 corrected.pdf --reason "wrong content" --role practitioner'),
    )
    .action(async (recordId, files, { reason, role, title, under, iAcceptLoss }) => {
      reasonId(reason);
      const sources = await Promise.all(files.map((file) => fileSource(file)));
      await requireRecovery(session(), iAcceptLoss);
      const unlocked = await unlock(session());
      await publishedVault(session(), unlocked);
      const amended = await long(session(), (pipeline) =>
        unlocked.carekey.amend(recordId, sources, { ...pipeline, reason, role, title, under }),
      );
      session().terminal.result({ reason, ...amended }, [
        ...sharedLines(amended),
        `It takes the place of ${amended.replaces}, which stays readable to those who could read it.`,
      ]);
    });
}
