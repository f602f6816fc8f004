import path from "node:path";

import { Command } from "@commander-js/extra-typings";

import { savePictures } from "../../record/pictures.js";
import { type Session, long, unlock } from "../session.js";
import { purposeOption, recordLines, recordValue } from "./record-show.js";

/** Opens a record and draws what can be drawn. */
export function recordOpenCommand(session: () => Session) {
  return new Command("open")
    .description("verify a record, show what it says, and draw its ECG, slice or film")
    .argument("<record>", "record id")
    .addOption(purposeOption())
    .option("--to <folder>", "folder for the pictures (default: pictures-<record>)")
    .action(async (recordId, { purpose, to }) => {
      const carekey = await unlock(session());
      const folder = path.resolve(to ?? `pictures-${recordId.slice(0, 10)}`);
      const { opened, pictures } = await long(session(), async (pipeline) => {
        const record = await carekey.open(recordId, { ...pipeline, ...(purpose && { purpose }) });
        return { opened: record, pictures: await savePictures(record, folder, pipeline) };
      });
      session().terminal.result({ ...recordValue(opened), pictures }, [
        ...recordLines(opened),
        ...pictures.map((file) => `Picture      ${file}`),
      ]);
    });
}
