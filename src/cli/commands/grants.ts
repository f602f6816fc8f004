import { Command } from "@commander-js/extra-typings";

import type { CheckedBy } from "../../chain/view.js";
import { example } from "../help.js";
import { showDuration } from "../period.js";
import { type Names, namesOf, patientOf, showScope } from "../scope.js";
import { type Session, unlock } from "../session.js";
import { type Holds, type StandingNow, standingNow } from "../standing.js";
import type { Terminal } from "../terminal.js";
import { dateTime } from "../text.js";

/** Who can read a chart now, and who can change that. */
export function grantsCommand(session: () => Session) {
  return new Command("grants")
    .description("who can read your chart now, who is shut out, and who may grant in your place: all of it, checked")
    .option("--patient <address>", "another patient's chart: the chain is public to its members")
    .option("--all", "also what has ended, or was voided by a lockdown")
    .addHelpText("after", example("carekey grants", "carekey grants --all --json"))
    .action(async ({ patient: given, all = false }) => {
      const { terminal } = session();
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      const patient = patientOf(unlocked, given);
      const shares = await carekey.shares(patient);
      const standing = await standingNow(carekey, patient, shares);
      const isShown = ({ holds }: { readonly holds: Holds }): boolean => all || (holds !== "ended" && holds !== "void");
      const shown = {
        grants: standing.grants.filter(isShown),
        denies: standing.denies.filter(isShown),
        delegations: standing.delegations.filter(isShown),
      };
      const { block, checkedBy } = shares;
      const names = await namesOf(unlocked, patient);
      const you = (address: string): string => (address === carekey.address ? "you" : address);
      terminal.result({ patient, ...shown, block, checkedBy }, [
        ...tables(shown, names, you, terminal),
        checkLine(checkedBy, block),
      ]);
    });
}

function tables(
  { grants, denies, delegations }: StandingNow,
  names: Names,
  you: (address: string) => string,
  terminal: Terminal,
): string[] {
  const shutting = (scopes: readonly string[]): string =>
    `shut: DENY on ${scopes.map((each) => showScope(each, names)).join(", ")}`;
  const granted = grants.map(({ grantee, scope, permissions, purposes, group, byDelegate, ...grant }) => [
    `${you(grantee)}${group ? " (group)" : ""}`,
    showScope(scope, names),
    permissions.join("+"),
    purposes.join("+"),
    dateTime(grant.end),
    grant.holds === "shut"
      ? shutting(grant.shutBy)
      : grant.holds === "later"
        ? `from ${dateTime(grant.start)}`
        : grant.holds,
    byDelegate ? "a delegate" : "the patient",
  ]);
  const shut = denies.map(({ grantee, scope, byDelegate, holds }) => [
    you(grantee),
    showScope(scope, names),
    holds,
    byDelegate ? "a delegate" : "the patient",
  ]);
  const delegated = delegations.map(({ delegate, scope, permissions, purposes, group, longest, end, holds }) => [
    you(delegate),
    showScope(scope, names),
    [...permissions, ...(group ? ["GROUP"] : [])].join("+"),
    purposes.join("+"),
    showDuration(longest),
    dateTime(end),
    holds,
  ]);
  return [
    ...(granted.length === 0
      ? ["Nobody is granted anything."]
      : terminal.table(["granted to", "on", "may", "why", "until", "holds", "by"], granted)),
    ...(shut.length === 0 ? [] : ["", ...terminal.table(["shut for", "on", "holds", "by"], shut)]),
    ...(delegated.length === 0
      ? []
      : ["", ...terminal.table(["delegated to", "on", "may give", "why", "longest", "until", "holds"], delegated)]),
    "",
  ];
}

function checkLine(checkedBy: CheckedBy, { number, hash }: { readonly number: number; readonly hash: string }): string {
  const at = `block ${number}, ${hash}`;
  switch (checkedBy) {
    case "proof":
      return `Proven by the state of ${at}: nothing is left out.`;
    case "quorum":
      return `Two nodes agree, at ${at}: nothing is left out.`;
    case "one source":
      return `One node's word, at ${at}.`;
  }
}
