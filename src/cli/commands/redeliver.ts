import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import type { HeldKey } from "../../record/trust.js";
import { example } from "../help.js";
import { type Session, long, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** A newer key that waits, for people. */
export function heldLine({ actor, version, fingerprint, until }: HeldKey): string {
  return `No key sent to ${actor}: their key ${version} is new and waits until ${dateTime(until)}, or for \`carekey key confirm ${actor} ${fingerprint}\``;
}

/** Sends grantees what they may have and lack. */
export function redeliverCommand(session: () => Session) {
  return new Command("redeliver")
    .description("send the keys that somebody may have and lacks: their newer key waited, or a grant began later")
    .argument("[grantee...]", "addresses (default: everybody with a grant)")
    .option("--all", "send everything they may read, whatever was sent before")
    .addHelpText("after", example("carekey redeliver", "carekey redeliver 0x7099…79C8 --all"))
    .action(async (given, { all = false }) => {
      const grantees = given.map((each) => checkAddress(each, "Grantee"));
      const { carekey } = await unlock(session());
      const report = await long(session(), (pipeline) =>
        carekey.redeliver({ ...pipeline, all, ...(grantees.length > 0 && { grantees }) }),
      );
      const { delivered, withoutKey, held, unreadable } = report;
      const lines = [
        ...delivered.map(
          ({ grantee, records }) =>
            `Keys of ${records.length} record${records.length === 1 ? "" : "s"} sent to ${grantee}`,
        ),
        ...withoutKey.map((grantee) => `No key sent to ${grantee}: none published`),
        ...held.map(heldLine),
        ...unreadable.map(({ recordId, code }) => `Not of ${recordId}: ${code}`),
      ];
      session().terminal.result(report, lines.length > 0 ? lines : ["Nobody lacks a key."]);
    });
}
