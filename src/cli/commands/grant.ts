import { Command, Option } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import type { Purpose } from "../../chain/purposes.js";
import type { Grantable } from "../../chain/terms.js";
import { CareKeyError } from "../../errors.js";
import { grantedLines, namesAlong } from "../consent-lines.js";
import { example } from "../help.js";
import { parseMoment } from "../period.js";
import { readPurposes } from "../purpose.js";
import { namesOf, patientOf, resolveScope } from "../scope.js";
import { type Session, long, unlock } from "../session.js";

/** Grants on the actor's own chart or, by delegation, on a patient's. */
export function grantCommand(session: () => Session) {
  return new Command("grant")
    .description("let somebody read your chart, a compartment or one record, or add to it")
    .argument("<grantee>", "address")
    .option("--scope <scope>", "chart, a compartment's name, a label or a record id", "chart")
    .option("--purpose <code...>", "why they may read: TREAT, HRESCH, HPAYMT … (HL7 PurposeOfUse)")
    .option("--write", "let them add records; alone: without reading")
    .option("--from <time>", "when it begins (default: now)")
    .option("--until <time>", "first moment at which it no longer holds: 30d, 1y, 2027-01-31", "30d")
    .addOption(new Option("--group", "the grantee is a group: its members may read").conflicts("write"))
    .addOption(new Option("--lift", "take away the DENY that shuts this scope for them").conflicts("for"))
    .option("--for <patient>", "in the place of a patient who delegated it to you")
    .addHelpText(
      "after",
      example(
        "carekey grant 0x7099…79C8 --scope imaging --purpose TREAT HPAYMT --until 30d",
        "carekey grant 0x7099…79C8 --scope imaging --write",
        "carekey grant 0x3C44…93BC --purpose TREAT --until 7d --for 0x7099…79C8    # as a carer",
      ),
    )
    .action(async (given, options) => {
      const grantee = checkAddress(given, "Grantee");
      const purposes = readPurposes(options.purpose ?? []);
      const permissions = permissionsOf(options.write === true, purposes);
      const group = options.group === true;
      if (options.for !== undefined) checkAddress(options.for, "Patient");
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, options.for);
      const names = await namesOf(unlocked, patient);
      const scope = resolveScope(options.scope, names);
      const now = await carekey.now();
      const end = parseMoment(options.until, now);
      const start = options.from === undefined ? {} : { start: parseMoment(options.from, now) };
      const compartments = group ? [] : namesAlong(scope, names);
      const terms = { grantee, scope, permissions, purposes, ...start, end };
      const acting = {
        ...(options.for !== undefined && { for: patient }),
        ...(options.lift === true && { lifts: true }),
      };
      const granted = await long(session(), (pipeline) =>
        carekey.grant({ ...pipeline, ...terms, ...acting, group, compartments }),
      );
      session().terminal.result({ patient, ...terms, group, ...granted }, [
        ...grantedLines(terms, granted, names),
        ...(group ? ["It is for the members of this group; no keys went along."] : []),
        ...(options.for === undefined ? [] : [`Granted in the place of ${patient}, who sees that it was you.`]),
      ]);
    });
}

/** READ goes with purposes; --write alone is without it. */
function permissionsOf(write: boolean, chosen: readonly Purpose[]): Grantable[] {
  if (!write && chosen.length === 0)
    throw new CareKeyError("INVALID_ARGUMENT", "Say what you grant: --purpose TREAT to read, --write to add records");
  return [...(chosen.length > 0 ? (["READ"] as const) : []), ...(write ? (["WRITE"] as const) : [])];
}
