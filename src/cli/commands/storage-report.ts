import { Command } from "@commander-js/extra-typings";

import type { StorageEntry } from "../../record/storage-report.js";
import { example } from "../help.js";
import { namesOf, showScope } from "../scope.js";
import { type Session, long, unlock } from "../session.js";
import { dateTime } from "../text.js";
import { verifiedTimes } from "../verified.js";

/** Shows where each record lies, and when its blocks were last verified. */
export function storageReportCommand(session: () => Session) {
  return new Command("report")
    .description("where each of your records lies, and when it was last verified (`storage check`)")
    .argument("[record...]", "record ids (default: your whole chart)")
    .addHelpText("after", example("carekey storage report"))
    .action(async (records) => {
      const here = session();
      const unlocked = await unlock(here);
      const chosen = records.length > 0 ? { records } : {};
      const times = await verifiedTimes(here);
      const names = await namesOf(unlocked);
      const entries = await long(here, async (pipeline) => {
        const found: StorageEntry[] = [];
        for await (const entry of unlocked.carekey.storageReport({ ...pipeline, ...chosen })) found.push(entry);
        return found;
      });
      const value = entries.map((entry) => ({ ...entry, verifiedAt: times[entry.recordId] }));
      const rows = value.map(({ recordId, compartment, blocks, missing, nodes, failure, verifiedAt }) => [
        recordId,
        showScope(compartment, names),
        failure ?? (missing > 0 ? `${blocks}, ${missing} missing` : String(blocks)),
        nodes.map(({ node, blocks: has }) => `${node} ${has ?? "?"}`).join(", "),
        verifiedAt === undefined ? "never" : dateTime(verifiedAt),
      ]);
      const lines = here.terminal.table(["record", "compartment", "blocks", "where", "verified"], rows);
      here.terminal.result({ records: value }, rows.length > 0 ? lines : ["No records yet."]);
    });
}
