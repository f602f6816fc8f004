import { Command } from "@commander-js/extra-typings";

import { CareKeyError } from "../../errors.js";
import { example } from "../help.js";
import { type Session, long, unlock } from "../session.js";

/** Writes the actor's whole chart into a folder. */
export function exportCommand(session: () => Session) {
  return new Command("export")
    .description("take your whole chart along: files, descriptions (FHIR), stamps and proofs; interrupted: do it again")
    .argument("<folder>", "a new folder")
    .option("--sealed", "as age files that only your identity opens", false)
    .addHelpText("after", example("carekey export my-chart", "carekey export my-chart --sealed"))
    .action(async (folder, { sealed }) => {
      const { terminal } = session();
      const { carekey } = await unlock(session());
      const exported = await long(session(), (pipeline) => carekey.export(folder, { ...pipeline, sealed }));
      const { records, missing, block, unproven } = exported;
      terminal.result(exported, [
        `${records.length} records in ${folder}${sealed ? ", sealed to your identity" : ": nothing in there is encrypted"}`,
        unproven === undefined
          ? `What the chain says is proven up to block ${block.number}, ${block.hash}`
          : `What the chain says rests on the word of its node (${unproven})`,
        ...missing.map(({ recordId, code }) => `Not in there: ${recordId} (${code})`),
      ]);
      if (missing.length === 0) return;
      const details = { missing: missing.length };
      throw new CareKeyError("EXPORT_INCOMPLETE", `${missing.length} records could not be exported`, details);
    });
}
