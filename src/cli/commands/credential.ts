import { Argument, Command } from "@commander-js/extra-typings";

import { roles } from "../../chain/ids.js";
import { parseMoment } from "../period.js";
import { type Session, unlock } from "../session.js";
import { dateTime, table } from "../terminal.js";

const role = () => new Argument("<role>", "what somebody is").choices(roles);

/** Accredits issuers, issues and revokes credentials, shows them. */
export function credentialCommand(session: () => Session) {
  const command = new Command("credential").description("who is who: accredit, issue, revoke, list");
  command
    .command("accredit")
    .description("make an actor an accredited issuer for a role (the consortium's administrator)")
    .argument("<issuer>", "address")
    .addArgument(role())
    .action(async (issuer, forRole) => {
      await (await unlock(session())).accreditIssuer(issuer, forRole);
      session().terminal.result({ issuer, role: forRole }, [`${issuer} may issue credentials as ${forRole}.`]);
    });
  command
    .command("issue")
    .description("give an actor a credential (an accredited issuer)")
    .argument("<actor>", "address")
    .addArgument(role())
    .option("--until <time>", "first moment at which it no longer holds", "1y")
    .action(async (actor, forRole, options) => {
      const carekey = await unlock(session());
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
    .action(async (actor, forRole, options) => {
      const carekey = await unlock(session());
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
    .action(async (actor, forRole) => {
      const credentials = await (await unlock(session())).credentialsOf(actor, forRole);
      const rows = credentials.map(({ issuer, from, until }) => [dateTime(from), dateTime(until), issuer]);
      session().terminal.result({ actor, role: forRole, credentials }, table(["from", "until", "issuer"], rows));
    });
  return command;
}
