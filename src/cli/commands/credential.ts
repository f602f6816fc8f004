import { Argument, Command, Option } from "@commander-js/extra-typings";

import { checkAddress, roles } from "../../chain/ids.js";
import { CareKeyError } from "../../errors.js";
import { example } from "../help.js";
import { parseMoment } from "../period.js";
import { type Session, unlock } from "../session.js";
import { dateTime } from "../text.js";

const role = () => new Argument("<role>", "what somebody is").choices(roles);

/** Accredits issuers, issues and revokes credentials, shows them. */
export function credentialCommand(session: () => Session) {
  const command = new Command("credential").description("who is who: accredit, issue, revoke, contest, list");
  command
    .command("accredit")
    .description("make an actor an accredited issuer for a role (the consortium's administrator)")
    .argument("<issuer>", "address")
    .addArgument(role())
    .addHelpText("after", example("carekey credential accredit 0x7099…79C8 practitioner"))
    .action(async (given, forRole) => {
      const issuer = checkAddress(given, "Issuer");
      const { carekey } = await unlock(session());
      await carekey.accreditIssuer(issuer, forRole);
      session().terminal.result({ issuer, role: forRole }, [`${issuer} may issue credentials as ${forRole}.`]);
    });
  command
    .command("issue")
    .description("give an actor a credential (an accredited issuer)")
    .argument("<actor>", "address")
    .addArgument(role())
    .option("--until <time>", "first moment at which it no longer holds", "1y")
    .addHelpText("after", example("carekey credential issue 0x7099…79C8 practitioner --until 2y"))
    .action(async (given, forRole, options) => {
      const actor = checkAddress(given, "Actor");
      const { carekey } = await unlock(session());
      const until = parseMoment(options.until, await carekey.now());
      await carekey.issueCredential(actor, forRole, until);
      session().terminal.result({ actor, role: forRole, until }, [`${actor} is ${forRole} until ${dateTime(until)}.`]);
    });
  command
    .command("revoke")
    .description("end an actor's newest credential (its issuer)")
    .argument("<actor>", "address")
    .addArgument(role())
    .option("--since <time>", "end it at this moment of the past, when a key was stolen (default: now)")
    .addHelpText("after", example("carekey credential revoke 0x7099…79C8 practitioner --since 2027-01-31T08:00Z"))
    .action(async (given, forRole, options) => {
      const actor = checkAddress(given, "Actor");
      const { carekey } = await unlock(session());
      const now = await carekey.now();
      const until = options.since === undefined ? now : parseMoment(options.since, now);
      await carekey.revokeCredential(actor, forRole, until);
      session().terminal.result({ actor, role: forRole, until }, [
        `${actor} is no longer ${forRole} since ${dateTime(until)}.`,
      ]);
    });
  command
    .command("list")
    .description("the credentials of an actor")
    .argument("<actor>", "address")
    .addArgument(role())
    .addHelpText("after", example("carekey credential list 0x7099…79C8 practitioner"))
    .action(async (given, forRole) => {
      const { terminal } = session();
      const actor = checkAddress(given, "Actor");
      const { carekey } = await unlock(session());
      const credentials = await carekey.credentialsOf(actor, forRole);
      const rows = credentials.map(({ issuer, from, until, ending }, number) => [
        String(number),
        dateTime(from),
        dateTime(until),
        ending === "plain" ? "" : ending,
        issuer,
      ]);
      const head = ["number", "from", "until", "ended", "issuer"];
      terminal.result({ actor, role: forRole, credentials }, terminal.table(head, rows));
    });
  command.addCommand(contestCommand(session));
  return command;
}

function contestCommand(session: () => Session) {
  return new Command("contest")
    .description("say that a credential of yours was ended in the past without reason")
    .addOption(new Option("--role <role>", "what you are by it").choices(roles).makeOptionMandatory())
    .option("--number <n>", "which: carekey credential list (default: the newest)")
    .addHelpText(
      "after",
      example(
        "carekey credential contest --role practitioner",
        "carekey credential contest --role practitioner --number 0",
      ),
    )
    .action(async ({ role: forRole, number: given }) => {
      if (given !== undefined && !/^\d{1,9}$/.test(given))
        throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(given)} is no credential's number`);
      const { carekey } = await unlock(session());
      const newest = (await carekey.credentialsOf(carekey.address, forRole)).length - 1;
      const number = given === undefined ? Math.max(0, newest) : Number(given);
      await carekey.contestCredential(forRole, given === undefined && newest < 0 ? undefined : number);
      session().terminal.result({ role: forRole, number, contested: true }, [
        `The end of your credential ${number} as ${forRole} is contested. What you stamped is shown as contested until another issuer stands for it.`,
      ]);
    });
}
