import { Argument, Command } from "@commander-js/extra-typings";

import { checkAddress, roles } from "../../chain/ids.js";
import { example } from "../help.js";
import { parseMoment } from "../period.js";
import { type Session, unlock } from "../session.js";
import { dateTime } from "../text.js";

const role = () => new Argument("<role>", "what somebody is").choices(roles);

/** Accredits issuers, issues and revokes credentials, shows them. */
export function credentialCommand(session: () => Session) {
  const command = new Command("credential").description("who is who: accredit, issue, revoke, list");
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
      const rows = credentials.map(({ issuer, from, until }) => [dateTime(from), dateTime(until), issuer]);
      terminal.result({ actor, role: forRole, credentials }, terminal.table(["from", "until", "issuer"], rows));
    });
  return command;
}
