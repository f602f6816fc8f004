import { Command } from "@commander-js/extra-typings";

import { reasonId } from "../../chain/ids.js";
import { example } from "../help.js";
import { type Session, unlock } from "../session.js";
import { underOption } from "../under.js";
import { reasonOption } from "./record-amend.js";

/** Withdraws a record. */
export function recordRetractCommand(session: () => Session) {
  return new Command("retract")
    .description("withdraw a record for good: every program that keeps the rules refuses it from now on")
    .argument("<record>", "record id")
    .addOption(reasonOption())
    .addOption(underOption())
    .addHelpText("after", example('carekey record retract 0x3f5c…e1 --reason "wrong patient"'))
    .action(async (recordId, { reason, under }) => {
      reasonId(reason);
      const { terminal } = session();
      await terminal.confirm(`Retract ${recordId}? It can't be taken back.`);
      const { carekey } = await unlock(session());
      await carekey.retract(recordId, reason, { under });
      terminal.result({ recordId, reason, retracted: true }, [
        `Record ${recordId} is retracted. Its blocks and the keys that others have stay: \`carekey storage erase\` removes the blocks.`,
      ]);
    });
}
