import { Command } from "@commander-js/extra-typings";

import type { RecordRotated } from "../../record/rotate-record.js";
import { example } from "../help.js";
import { type Session, long, unlock } from "../session.js";
import { underOption } from "../under.js";
import { heldLine } from "./redeliver.js";

/** Encrypts a record anew and reports what a revocation reaches and what it does not. */
export function recordRotateCommand(session: () => Session) {
  return new Command("rotate")
    .description("encrypt a record anew after a revocation, drop the old blocks, and report; interrupted: do it again")
    .argument("<record>", "record id")
    .addOption(underOption())
    .addHelpText("after", example("carekey record rotate 0x3f5c…e1"))
    .action(async (recordId, { under }) => {
      const { carekey } = await unlock(session());
      const report = await long(session(), (pipeline) => carekey.rotateRecord(recordId, { ...pipeline, under }));
      session().terminal.result(report, linesOf(report));
    });
}

function linesOf(report: RecordRotated): string[] {
  const { recordId, parts, transaction, holders, delivered, withoutKey, held, revokedMeanwhile, removal, irrevocable } =
    report;
  return [
    transaction === undefined
      ? `Record ${recordId} was encrypted anew before; what was left to do is done.`
      : `Record ${recordId}: ${parts} file${parts === 1 ? "" : "s"} and the manifest are encrypted anew.`,
    ...holders.map(
      ({ actor, as, stands }) => `Held a key: ${actor} (${as})${stands ? "" : ", who has no access any more"}`,
    ),
    ...(report.authorKept ? [] : ["The author has no key of it any more."]),
    ...delivered.map((reader) => `New key sent to ${reader}`),
    ...withoutKey.map((reader) => `No key sent to ${reader}: none published`),
    ...held.map(heldLine),
    ...revokedMeanwhile.map((reader) => `No key sent to ${reader}: revoked meanwhile`),
    ...removal.map(({ store, blocks, left }) =>
      left.length === 0
        ? `Old blocks: the store (${store}) dropped all ${blocks}`
        : `Old blocks: the store (${store}) still has ${left.length} of ${blocks}; do it again`,
    ),
    `What can't be undone: ${irrevocable.join("; ")}.`,
  ];
}
