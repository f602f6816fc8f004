import { stat } from "node:fs/promises";
import path from "node:path";

import { Command } from "@commander-js/extra-typings";

import { savePictures } from "../../record/pictures.js";
import { example } from "../help.js";
import { purposeOption } from "../purpose.js";
import { type Session, long, unlock } from "../session.js";
import { underOption } from "../under.js";
import { recordLines, recordValue } from "./record-show.js";

/** Opens a record and draws what can be drawn. */
export function recordOpenCommand(session: () => Session) {
  return new Command("open")
    .description("verify a record, show what it says, and draw its ECG, slice or film")
    .argument("<record>", "record id")
    .addOption(purposeOption())
    .addOption(underOption())
    .option("--to <folder>", "folder for the pictures; none is replaced (default: a new folder pictures-<record>)")
    .addHelpText("after", example("carekey record open 0x3f5c…e1 --purpose TREAT --to pictures"))
    .action(async (recordId, { purpose, under, to }) => {
      const { terminal } = session();
      const { carekey } = await unlock(session());
      const folder = to === undefined ? await unused(`pictures-${recordId.slice(0, 10)}`) : path.resolve(to);
      const { opened, pictures } = await long(session(), async (pipeline) => {
        const record = await carekey.open(recordId, { ...pipeline, under, ...(purpose && { purpose }) });
        return { opened: record, pictures: await savePictures(record, folder, pipeline) };
      });
      terminal.result({ ...recordValue(opened), pictures }, [
        ...recordLines(opened, terminal),
        ...pictures.map((file) => `Picture      ${file}`),
      ]);
    });
}

/** A folder of this name that is not there yet: a record may be looked at twice. */
async function unused(name: string, attempt = 1): Promise<string> {
  const folder = path.resolve(attempt === 1 ? name : `${name}-${attempt}`);
  return (await stat(folder).catch(() => undefined)) ? unused(name, attempt + 1) : folder;
}
