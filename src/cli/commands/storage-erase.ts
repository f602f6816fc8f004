import { Command } from "@commander-js/extra-typings";

import type { Erased } from "../../record/erase.js";
import { example } from "../help.js";
import { type Session, long, profileOf, unlock } from "../session.js";
import { erasersOf } from "../stores.js";
import { dateTime } from "../text.js";

/** Erases one of the actor's records and collects the receipts. */
export function storageEraseCommand(session: () => Session) {
  return new Command("erase")
    .description("erase one of your records for good, and have the storage nodes sign for it; interrupted: do it again")
    .argument("<record>", "record id")
    .addHelpText("after", example("carekey storage erase 0x3f5c…e1"))
    .action(async (recordId) => {
      const { terminal } = session();
      const { settings } = await profileOf(session());
      const operators = await erasersOf(settings.store);
      const { carekey } = await unlock(session());
      await terminal.confirm(`Erase ${recordId}? Nobody can bring it back.`);
      const report = await long(session(), (pipeline) => carekey.erase(recordId, { ...pipeline, operators }));
      terminal.result(report, linesOf(report));
    });
}

function linesOf({ recordId, removal, receipts, irrevocable }: Erased): string[] {
  return [
    `Record ${recordId} is erased: every program that keeps the rules refuses it from now on.`,
    ...receipts.map(({ operator, account, attestedAt, left, failure }) => {
      if (failure !== undefined) return `${operator}: did not answer (${failure}); do it again`;
      if (left.length > 0) return `${operator}: still has ${left.length} blocks; do it again`;
      if (attestedAt === undefined) return `${operator}: removed its blocks, signs no receipts`;
      return `${operator}: removed its blocks, receipt by ${account ?? ""} on chain since ${dateTime(attestedAt)}`;
    }),
    ...removal.map(({ store, blocks, left }) =>
      left.length === 0
        ? `Store (${store}): dropped all ${blocks} blocks`
        : `Store (${store}): still has ${left.length} of ${blocks}; do it again`,
    ),
    `What can't be undone: ${irrevocable.join("; ")}.`,
  ];
}
