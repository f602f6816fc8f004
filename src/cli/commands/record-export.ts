import { mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";

import { Command } from "@commander-js/extra-typings";

import { seal } from "../../crypto/age.js";
import { recipientToBytes } from "../../crypto/recipients.js";
import { CareKeyError } from "../../errors.js";
import type { PipelineOptions } from "../../record/context.js";
import { safeNames } from "../../record/file-names.js";
import type { OpenedPart } from "../../record/open.js";
import { saveStream } from "../../record/save.js";
import { example } from "../help.js";
import { purposeOption } from "../purpose.js";
import { type Session, long, unlock } from "../session.js";
import { underOption } from "../under.js";

/** Writes the files of a record, in the clear or sealed to somebody's age recipient. */
export function recordExportCommand(session: () => Session) {
  return new Command("export")
    .description("write each part as a file, or as an age file that `age -d` opens")
    .argument("<record>", "record id")
    .addOption(purposeOption())
    .addOption(underOption())
    .requiredOption("--to <folder>", "where; files that exist are not replaced")
    .option("--age <recipient>", "seal each file to this recipient (age1pq1…)")
    .addHelpText(
      "after",
      example(
        "carekey record export 0x3f5c…e1 --to brain-mr",
        "carekey record export 0x3f5c…e1 --to sealed --age age1pq1…   # age -d -i key.txt sealed/slice.dcm.age",
      ),
    )
    .action(async (recordId, { purpose, under, to, age }) => {
      if (age !== undefined) recipientToBytes(age);
      const { carekey } = await unlock(session());
      const files = await long(session(), async (pipeline) => {
        const { parts } = await carekey.open(recordId, { ...pipeline, under, ...(purpose && { purpose }) });
        return saveAll(parts, path.resolve(to), age, pipeline);
      });
      session().terminal.result({ recordId, files }, files);
    });
}

/** Writes all parts or none: what was written before a failure is removed. */
async function saveAll(
  parts: readonly OpenedPart[],
  folder: string,
  recipient: string | undefined,
  options: PipelineOptions,
): Promise<string[]> {
  const files = safeNames(parts.map(({ name }) => name)).map((name) =>
    path.join(folder, recipient === undefined ? name : `${name}.age`),
  );
  for (const [part, file] of files.entries())
    if (await stat(file).catch(() => undefined))
      throw new CareKeyError("FILE_EXISTS", `A file of the name of part ${part} exists already`, { part });
  const made = await makeFolder(folder);
  const written: string[] = [];
  try {
    for (const [part, { stream }] of parts.entries()) {
      options.onProgress?.({ step: "opening", part, done: part, total: parts.length });
      const plaintext = stream(options);
      const bytes = recipient === undefined ? plaintext : (await seal(plaintext, [recipient], options)).stream;
      const file = files[part] ?? "";
      await saveStream(bytes, file);
      written.push(file);
    }
    return files;
  } catch (error) {
    await Promise.all(written.map((file) => rm(file, { force: true })));
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw error;
  }
}

/** @returns the first folder that had to be made */
async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new CareKeyError("STORE_FAILED", `The folder ${folder} can't be made`, {}, { cause });
  }
}
