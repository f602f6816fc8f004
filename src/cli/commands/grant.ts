import { Command } from "@commander-js/extra-typings";

import { type Purpose, purposes } from "../../chain/purposes.js";
import type { Permission } from "../../chain/terms.js";
import { CareKeyError } from "../../errors.js";
import { parseMoment } from "../period.js";
import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, long, unlock } from "../session.js";
import { dateTime } from "../terminal.js";

/** Grants on the actor's own chart, and takes back. */
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
    .action(async (grantee, options) => {
      const { terminal } = session();
      const chosen = readPurposes(options.purpose ?? []);
      const permissions = permissionsOf(options.write === true, options.deny === true, chosen);
      const carekey = await unlock(session());
      const names = await namesOf(carekey, carekey.address);
      const scope = resolveScope(options.scope, names);
      const now = await carekey.now();
      const end = parseMoment(options.until, now);
      const start = options.from === undefined ? {} : { start: parseMoment(options.from, now) };
      const compartments = scope === resolveScope("chart", []) ? names : names.filter(({ label }) => label === scope);
      const granted = await long(session(), (pipeline) =>
        carekey.grant({ ...pipeline, grantee, scope, permissions, purposes: chosen, ...start, end, compartments }),
      );
      terminal.result({ grantee, scope, permissions, purposes: chosen, ...start, end, ...granted }, [
        `${grantee}: ${permissions.join(" and ")} on ${showScope(scope, names)}${chosen.length > 0 ? ` for ${chosen.join(", ")}` : ""} until ${dateTime(end)}.`,
        ...(granted.records.length > 0 ? [`Keys of ${granted.records.length} records went along.`] : []),
        ...granted.unreadable.map(({ recordId, code }) => `Not of ${recordId}: ${code}`),
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

/** Codes as given, apart or with commas between them. */
export function readPurposes(given: readonly string[]): Purpose[] {
  return given
    .flatMap((each) => each.split(","))
    .map((code) => {
      const purpose = purposes.find((known) => known === code);
      if (!purpose)
        throw new CareKeyError(
          "INVALID_ARGUMENT",
          `${JSON.stringify(code)} is no purpose of use; usual ones are TREAT, ETREAT, HPAYMT, HRESCH, HOPERAT, PUBHLTH, PATRQT`,
        );
      return purpose;
    });
}
