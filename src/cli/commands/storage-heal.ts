import { Command } from "@commander-js/extra-typings";

import { CareKeyError } from "../../errors.js";
import type { Checked } from "../../record/upkeep.js";
import { example } from "../help.js";
import { type Session, long, unlock } from "../session.js";
import { noteVerified } from "../verified.js";

/** What a check shows at most for people; --json has all. */
const SHOWN = 20;

/** Commands that look at every block, and put right what is wrong. */
export function storageHealCommands(session: () => Session) {
  return [checkCommand(session), repairCommand(session), rebalanceCommand(session)];
}

function checkCommand(session: () => Session) {
  return new Command("check")
    .description("read and verify every block of your records on every node; changes nothing")
    .argument("[record...]", "record ids (default: your whole chart)")
    .option("--quick", "ask the nodes what they have, without reading it", false)
    .addHelpText("after", example("carekey storage check", "carekey storage check 0x3f5c…e1 --quick"))
    .action(async (records, { quick }) => {
      const here = session();
      const { carekey } = await unlock(here);
      const chosen = records.length > 0 ? { records } : {};
      const checked = await long(here, (pipeline) => carekey.checkStorage({ ...pipeline, ...chosen, quick }));
      if (!quick) await noteVerified(here, checked);
      here.terminal.result(valueOf(checked), linesOf(checked));
      const { missing, rotten, unreachable, lost } = checked.summary;
      const failed = checked.records.filter(({ failure }) => failure !== undefined).length;
      if (missing + rotten + unreachable + lost + failed === 0) return;
      const details = { missing, rotten, unreachable, lost, failed };
      throw new CareKeyError("STORAGE_UNHEALTHY", "Not every block is where it should be", details);
    });
}

function repairCommand(session: () => Session) {
  return new Command("repair")
    .description("restore what is missing or rotten, from copies or fragments; interrupted: do it again")
    .argument("[record...]", "record ids (default: your whole chart)")
    .addHelpText("after", example("carekey storage repair"))
    .action(async (records) => {
      const here = session();
      const { carekey } = await unlock(here);
      const chosen = records.length > 0 ? { records } : {};
      const summary = await long(here, (pipeline) => carekey.repairStorage({ ...pipeline, ...chosen }));
      const { blocks, restored, removed, failed, lost } = summary;
      here.terminal.result(summary, [
        `${blocks} blocks looked at; ${restored} put again, ${removed} rotten ones removed`,
        ...(failed > 0 ? [`${failed} could not be put anywhere; do it again`] : []),
        ...(lost > 0 ? [`${lost} are lost: what the nodes have does not restore them`] : []),
      ]);
      if (failed + lost === 0) return;
      throw new CareKeyError("STORAGE_UNHEALTHY", "Not every block could be healed", { failed, lost });
    });
}

function rebalanceCommand(session: () => Session) {
  return new Command("rebalance")
    .description(
      "bring every block to the node where it belongs, as after nodes came or went; interrupted: do it again",
    )
    .addHelpText("after", example("carekey storage rebalance"))
    .action(async () => {
      const here = session();
      const { carekey } = await unlock(here);
      const summary = await long(here, (pipeline) => carekey.rebalanceStorage(pipeline));
      const { blocks, placed, removed, failed } = summary;
      here.terminal.result(summary, [
        `${blocks} blocks looked at; ${placed} put where they belong, ${removed} removed from elsewhere`,
        ...(failed > 0 ? [`${failed} could not be placed; repair, then do it again`] : []),
      ]);
      if (failed > 0) throw new CareKeyError("STORAGE_UNHEALTHY", "Not every block could be placed", { failed });
    });
}

/** The same with CIDs as text. */
function valueOf({ records, summary }: Checked): object {
  const told = records.map(({ findings, ...rest }) => ({
    ...rest,
    findings: findings.map(({ file, cid, ...finding }) => ({ ...finding, file: file.toString(), cid: cid.toString() })),
  }));
  return { records: told, summary };
}

function linesOf({ records, summary }: Checked): string[] {
  const { blocks, healthy, missing, rotten, misplaced, unreachable, lost } = summary;
  const found = records.flatMap(({ recordId, findings, failure }) => [
    ...(failure === undefined ? [] : [`${recordId ?? ""}: can't be looked into (${failure})`]),
    ...findings.map(
      ({ kind, node, cid }) =>
        `${recordId ?? "keys"}: ${kind}${node === undefined ? "" : ` on ${node}`}, ${cid.toString()}`,
    ),
  ]);
  const rest = found.length - SHOWN;
  return [
    `${blocks} blocks, ${healthy} good where they belong`,
    ...(missing + rotten + misplaced + unreachable + lost > 0
      ? [`missing ${missing}, rotten ${rotten}, misplaced ${misplaced}, unreachable ${unreachable}, lost ${lost}`]
      : []),
    ...found.slice(0, SHOWN),
    ...(rest > 0 ? [`… and ${rest} more (--json shows all)`] : []),
  ];
}
