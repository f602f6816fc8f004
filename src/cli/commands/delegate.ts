import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import type { Purpose } from "../../chain/purposes.js";
import type { Power } from "../../chain/terms.js";
import { CareKeyError } from "../../errors.js";
import { mayLine } from "../consent-lines.js";
import { example } from "../help.js";
import { parseDuration, parseMoment, showDuration } from "../period.js";
import { readPurposes } from "../purpose.js";
import { namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** Lets somebody grant in the actor's place. */
export function delegateCommand(session: () => Session) {
  return new Command("delegate")
    .description("let somebody, as a carer, grant in your place within limits")
    .argument("<delegate>", "address")
    .option("--scope <scope>", "chart, a compartment's name, a label or a record id", "chart")
    .option("--purpose <code...>", "what they may let others read for: TREAT, HRESCH …")
    .option("--write", "they may let others add records")
    .option("--deny", "they may shut scopes for others")
    .option("--manage", "they may change and take back what you granted yourself, amend and retract records")
    .option("--group", "they may grant to groups as well")
    .option("--longest <duration>", "longest grant that they may give: 12h, 30d, 2w", "30d")
    .option("--until <time>", "first moment at which they may give nothing more", "1y")
    .addHelpText(
      "after",
      example(
        "carekey delegate 0x7099…79C8 --scope imaging --purpose TREAT --longest 30d --until 1y",
        "carekey delegate 0x7099…79C8 --purpose TREAT --write --deny --manage",
      ),
    )
    .action(async (given, options) => {
      const delegate = checkAddress(given, "Delegate");
      const purposes = readPurposes(options.purpose ?? []);
      const permissions = powersOf(purposes, options);
      const longest = parseDuration(options.longest);
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const names = await namesOf(unlocked);
      const scope = resolveScope(options.scope, names);
      const end = parseMoment(options.until, await carekey.now());
      const group = options.group === true;
      const terms = { delegate, scope, permissions, purposes, longest, end, group };
      const transaction = await carekey.delegate(terms);
      session().terminal.result({ patient: carekey.address, ...terms, transaction }, [
        `${delegate} may give in your place: ${mayLine(permissions, purposes)} on ${showScope(scope, names)}, each for up to ${showDuration(longest)}, until ${dateTime(end)}.`,
        "They open nothing by it, and pass on the keys that they have: `carekey grant` lets them read.",
      ]);
    });
}

/** READ goes with purposes. */
function powersOf(
  chosen: readonly Purpose[],
  { write, deny, manage }: { readonly write?: true; readonly deny?: true; readonly manage?: true },
): Power[] {
  const powers: Power[] = [
    ...(chosen.length > 0 ? (["READ"] as const) : []),
    ...(write ? (["WRITE"] as const) : []),
    ...(deny ? (["DENY"] as const) : []),
    ...(manage ? (["MANAGE"] as const) : []),
  ];
  if (powers.length > 0) return powers;
  throw new CareKeyError("INVALID_ARGUMENT", "Say what they may give: --purpose TREAT, --write, --deny or --manage");
}

/** Takes a delegation back. */
export function undelegateCommand(session: () => Session) {
  return new Command("undelegate")
    .description("take a delegation back; what was granted by it stays")
    .argument("<delegate>", "address")
    .option("--scope <scope>", "the scope that was delegated", "chart")
    .addHelpText("after", example("carekey undelegate 0x7099…79C8 --scope imaging"))
    .action(async (given, options) => {
      const delegate = checkAddress(given, "Delegate");
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const names = await namesOf(unlocked);
      const scope = resolveScope(options.scope, names);
      await carekey.undelegate(delegate, scope);
      session().terminal.result({ patient: carekey.address, delegate, scope, undelegated: true }, [
        `${delegate} may give nothing more on ${showScope(scope, names)}. What they gave stays: see carekey grants, and revoke what shall not.`,
      ]);
    });
}
