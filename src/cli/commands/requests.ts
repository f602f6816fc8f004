import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import { type StandingRequest, findRequest } from "../../chain/requests.js";
import { CareKeyError } from "../../errors.js";
import { grantedLines, namesAlong } from "../consent-lines.js";
import { example } from "../help.js";
import { type Narrower, requireNarrower } from "../narrow.js";
import { parseMoment } from "../period.js";
import { readPurposes } from "../purpose.js";
import { type Names, namesOf, resolveScope, showScope } from "../scope.js";
import { type Session, type Unlocked, long, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** Requests that wait for this patient's answer, and the answers. */
export function requestsCommand(session: () => Session) {
  return new Command("requests")
    .description("who waits for your answer, and the answers; alone: list")
    .addCommand(listCommand(session), { isDefault: true })
    .addCommand(approveCommand(session))
    .addCommand(narrowCommand(session))
    .addCommand(declineCommand(session))
    .addCommand(withdrawCommand(session));
}

function listCommand(session: () => Session) {
  return new Command("list")
    .description("who waits for your answer: every open request, with its number")
    .addHelpText("after", example("carekey requests", "carekey requests list --json"))
    .action(async () => {
      const { terminal } = session();
      const unlocked = await unlock(session());
      const { carekey, checkedBy } = unlocked;
      const names = await namesOf(unlocked);
      const now = await carekey.now();
      const requests = (await carekey.requests()).map(
        ({ id, requester, role, scope, permissions, purposes, end, when, transaction }) => {
          return { id, requester, role, scope, permissions, purposes, end, when, transaction };
        },
      );
      const rows = requests.map(({ id, when, requester, role, scope, permissions, purposes, end }) => [
        String(id),
        dateTime(when),
        requester,
        role,
        showScope(scope, names),
        permissions.join("+"),
        purposes.join("+"),
        end > now ? dateTime(end) : `${dateTime(end)}, over`,
      ]);
      const head = ["request", "asked", "by", "as", "on", "may", "why", "until"];
      terminal.result({ requests, checkedBy }, terminal.table(head, rows));
    });
}

function approveCommand(session: () => Session) {
  return new Command("approve")
    .description("grant what was asked for, with the keys, and say yes; interrupted: do it again")
    .argument("<request>", "its number: carekey requests")
    .option("--lift", "take away the DENY that shuts the scope for them")
    .addHelpText("after", example("carekey requests approve 3"))
    .action(async (given, { lift }) => {
      const id = idOf(given);
      const unlocked = await unlock(session());
      const request = await openRequest(unlocked, id);
      await answer(session(), unlocked, request, {}, lift === true, await namesOf(unlocked));
    });
}

function narrowCommand(session: () => Session) {
  return new Command("narrow")
    .description("grant less than was asked for, with the keys, and say yes; interrupted: do it again")
    .argument("<request>", "its number: carekey requests")
    .option("--scope <scope>", "a part of what was asked for: a compartment's name, a label or a record id")
    .option("--purpose <code...>", "some of the purposes that were asked for")
    .option("--until <time>", "an earlier end")
    .option("--read-only", "without adding records")
    .option("--lift", "take away the DENY that shuts the scope for them")
    .addHelpText("after", example("carekey requests narrow 3 --scope imaging --until 30d"))
    .action(async (given, options) => {
      const id = idOf(given);
      const purposes = options.purpose === undefined ? undefined : readPurposes(options.purpose);
      const unlocked = await unlock(session());
      const request = await openRequest(unlocked, id);
      const names = await namesOf(unlocked);
      const narrower = {
        scope: options.scope === undefined ? undefined : resolveScope(options.scope, names),
        purposes,
        end: options.until === undefined ? undefined : parseMoment(options.until, await unlocked.carekey.now()),
        permissions: options.readOnly === true ? (["READ"] as const) : undefined,
      };
      await requireNarrower(unlocked.carekey, request, narrower);
      await answer(session(), unlocked, request, narrower, options.lift === true, names);
    });
}

async function answer(
  session: Session,
  { carekey }: Unlocked,
  request: StandingRequest,
  narrower: Narrower,
  lifts: boolean,
  names: Names,
): Promise<void> {
  const { id, requester: grantee } = request;
  const scope = narrower.scope ?? request.scope;
  const purposes = narrower.purposes ?? request.purposes;
  const end = narrower.end ?? request.end;
  const permissions = narrower.permissions ?? request.permissions;
  const given = { ...narrower, compartments: namesAlong(scope, names), ...(lifts && { lifts }) };
  const approved = await long(session, (pipeline) => carekey.approve(id, { ...pipeline, ...given }));
  const terms = { grantee, scope, permissions, purposes, end };
  session.terminal.result({ ...terms, ...approved }, [
    ...grantedLines(terms, approved, names),
    `Request ${id} is answered: yes.`,
  ]);
}

function declineCommand(session: () => Session) {
  return new Command("decline")
    .description("say no")
    .argument("<request>", "its number: carekey requests")
    .addHelpText("after", example("carekey requests decline 3"))
    .action(async (given) => {
      const request = idOf(given);
      const { carekey } = await unlock(session());
      const transaction = await carekey.decline(request);
      session().terminal.result({ request, declined: true, transaction }, [`Request ${request} is answered: no.`]);
    });
}

function withdrawCommand(session: () => Session) {
  return new Command("withdraw")
    .description("take back what you asked a patient for")
    .argument("<request>", "the number that `carekey request` printed")
    .requiredOption("--patient <address>", "whom you asked")
    .addHelpText("after", example("carekey requests withdraw 3 --patient 0x7099…79C8"))
    .action(async (given, options) => {
      const request = idOf(given);
      const patient = checkAddress(options.patient, "Patient");
      const { carekey } = await unlock(session());
      const transaction = await carekey.withdrawRequest(patient, request);
      session().terminal.result({ patient, request, withdrawn: true, transaction }, [
        `Request ${request} to ${patient} is taken back.`,
      ]);
    });
}

/** @throws INVALID_ARGUMENT for a number that no open request has */
async function openRequest({ carekey }: Unlocked, id: number): Promise<StandingRequest> {
  const request = await findRequest(carekey.chain, carekey.address, id);
  const { status } = request;
  if (status === "open") return request;
  throw new CareKeyError("INVALID_ARGUMENT", `Request ${id} is no longer open, but ${status}`, { request: id, status });
}

function idOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(text)} is no request's number (carekey requests)`);
}
