import { Command } from "@commander-js/extra-typings";

import { checkAddress, wholeChart } from "../../chain/ids.js";
import type { Purpose } from "../../chain/purposes.js";
import type { Permission } from "../../chain/terms.js";
import { CareKeyError } from "../../errors.js";
import { example } from "../help.js";
import { parseMoment } from "../period.js";
import { readPurposes } from "../purpose.js";
import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, long, unlock } from "../session.js";
import { dateTime } from "../text.js";
import { heldLine } from "./redeliver.js";

/** Grants on the actor's own chart. */
export function grantCommand(session: () => Session) {
  return new Command("grant")
    .description("let somebody read your chart, a compartment or one record")
    .argument("<grantee>", "address")
    .option("--scope <scope>", "chart, a compartment's name, a label or a record id", "chart")
    .option("--purpose <code...>", "why they may read: TREAT, HRESCH, HPAYMT … (HL7 PurposeOfUse)")
    .option("--write", "let them add records; alone: without reading")
    .option("--deny", "shut the scope for them, whatever a wider grant says")
    .option("--from <time>", "when it begins (default: now)")
    .option("--until <time>", "first moment at which it no longer holds: 30d, 1y, 2027-01-31", "30d")
    .addHelpText(
      "after",
      example(
        "carekey grant 0x7099…79C8 --scope imaging --purpose TREAT HPAYMT --until 30d",
        "carekey grant 0x7099…79C8 --scope imaging --write",
        "carekey grant 0x7099…79C8 --scope genetics --deny --until 10y",
      ),
    )
    .action(async (given, options) => {
      const grantee = checkAddress(given, "Grantee");
      const purposes = readPurposes(options.purpose ?? []);
      const permissions = permissionsOf(options.write === true, options.deny === true, purposes);
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const names = await namesOf(unlocked);
      const scope = resolveScope(options.scope, names);
      const now = await carekey.now();
      const end = parseMoment(options.until, now);
      const start = options.from === undefined ? {} : { start: parseMoment(options.from, now) };
      const compartments = names.compartments.filter(({ label }) => scope === wholeChart || label === scope);
      const granted = await long(session(), (pipeline) =>
        carekey.grant({ ...pipeline, grantee, scope, permissions, purposes, ...start, end, compartments }),
      );
      const why = purposes.length > 0 ? ` for ${purposes.join(", ")}` : "";
      const { records, unreadable, held } = granted;
      session().terminal.result({ grantee, scope, permissions, purposes, ...start, end, ...granted }, [
        `${grantee}: ${permissions.join(" and ")} on ${showScope(scope, names)}${why} until ${dateTime(end)}.`,
        ...(records.length > 0
          ? [`Keys of ${records.length} record${records.length === 1 ? "" : "s"} went along.`]
          : []),
        ...(held ? [`${heldLine(held)}. Then: carekey redeliver`] : []),
        ...unreadable.map(({ recordId, code }) => `Not of ${recordId}: ${code}`),
      ]);
    });
}

/** READ goes with purposes; --write alone is without it. */
function permissionsOf(write: boolean, deny: boolean, chosen: readonly Purpose[]): Permission[] {
  if (deny && (write || chosen.length > 0))
    throw new CareKeyError("INVALID_ARGUMENT", "--deny stands alone: without --write and --purpose");
  if (deny) return ["DENY"];
  if (!write && chosen.length === 0)
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      "Say what you grant: --purpose TREAT to read, --write to add records, or --deny",
    );
  return [...(chosen.length > 0 ? (["READ"] as const) : []), ...(write ? (["WRITE"] as const) : [])];
}
