import { mkdir } from "node:fs/promises";
import path from "node:path";

import { Command } from "@commander-js/extra-typings";

import { seal } from "../../crypto/age.js";
import { recipientToBytes } from "../../crypto/recipients.js";
import { CareKeyError } from "../../errors.js";
import { saveStream } from "../../record/save.js";
import { type Session, long, unlock } from "../session.js";
import { purposeOption } from "./record-show.js";

/** Writes the files of a record, in the clear or sealed to somebody's age recipient. */
export function recordExportCommand(session: () => Session) {
  return new Command("export")
    .description("write each part as a file, or as an age file that `age -d` opens")
    .argument("<record>", "record id")
    .addOption(purposeOption())
    .requiredOption("--to <folder>", "where; files that exist are not replaced")
    .option("--age <recipient>", "seal each file to this recipient (age1pq1…)")
    .action(async (recordId, { purpose, to, age }) => {
      if (age !== undefined) recipientToBytes(age);
      const carekey = await unlock(session());
      const folder = path.resolve(to);
      const files = await long(session(), async (pipeline) => {
        const { parts } = await carekey.open(recordId, { ...pipeline, ...(purpose && { purpose }) });
        const targets = parts.map(({ name }, part) =>
          path.join(
            folder,
            fileName(
              name,
              part,
              parts.map((each) => each.name),
            ) + (age === undefined ? "" : ".age"),
          ),
        );
        await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
          throw new CareKeyError("STORE_FAILED", `The folder ${folder} can't be made`, {}, { cause });
        });
        for (const [part, { stream }] of parts.entries()) {
          const plaintext = stream(pipeline);
          const bytes = age === undefined ? plaintext : (await seal(plaintext, [age], pipeline)).stream;
          await saveStream(bytes, targets[part] ?? "");
        }
        return targets;
      });
      session().terminal.result({ recordId, files }, files);
    });
}

/** Parts may share a name; then their position goes before it. */
function fileName(name: string, part: number, names: readonly string[]): string {
  return names.filter((each) => each === name).length > 1 ? `${part}-${name}` : name;
}
