import { Command, Option } from "@commander-js/extra-typings";

import { compartmentCommand } from "./commands/compartment.js";
import { completionCommand } from "./commands/completion.js";
import { credentialCommand } from "./commands/credential.js";
import { exportCommand } from "./commands/export.js";
import { delegateCommand, undelegateCommand } from "./commands/delegate.js";
import { denyCommand, liftCommand } from "./commands/deny.js";
import { grantCommand } from "./commands/grant.js";
import { grantsCommand } from "./commands/grants.js";
import { initCommand } from "./commands/init.js";
import { keyCommand } from "./commands/key.js";
import { logCommand } from "./commands/log.js";
import { recoverCommand } from "./commands/recover.js";
import { nodeCommand } from "./commands/node.js";
import { recordAddCommand } from "./commands/record-add.js";
import { recordAmendCommand } from "./commands/record-amend.js";
import { recordExportCommand } from "./commands/record-export.js";
import { recordListCommand } from "./commands/record-list.js";
import { recordOpenCommand } from "./commands/record-open.js";
import { recordRetractCommand } from "./commands/record-retract.js";
import { recordShowCommand } from "./commands/record-show.js";
import { recordRotateCommand } from "./commands/record-rotate.js";
import { redeliverCommand } from "./commands/redeliver.js";
import { releaseCommand } from "./commands/release.js";
import { requestCommand } from "./commands/request.js";
import { requestsCommand } from "./commands/requests.js";
import { lockdownCommand, revokeCommand } from "./commands/revoke.js";
import { storageCommand } from "./commands/storage.js";
import { vaultCommand } from "./commands/vault.js";
import { verifyCommand } from "./commands/verify.js";
import { whoamiCommand } from "./commands/whoami.js";
import { checks } from "./checking.js";
import { example } from "./help.js";
import type { Interruption } from "./interruption.js";
import { type Session, sessionOf } from "./session.js";
import { type Streams, Terminal } from "./terminal.js";

/** What a run of the command gets from its surroundings. */
export interface Surroundings {
  readonly streams: Streams;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly interruption: Interruption;
}

/** The whole command line. Nothing in it exits: failures are thrown. */
export function buildProgram({ streams, env, version, interruption }: Surroundings) {
  const program = new Command("carekey")
    .description("Patients hold the keys to their own medical data.")
    .version(version)
    .option("--profile <name>", "who is at work", env.CAREKEY_PROFILE ?? "default")
    .option("--json", "print one JSON object, for programs", false)
    .option("-y, --yes", "answer confirmations with yes", false)
    .addOption(
      new Option(
        "--verify <how>",
        "how what the chain says is checked (default: the best that its node gives)",
      ).choices(checks),
    )
    .option("--witness <url>", "JSON-RPC node of somebody else's, to compare with")
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help shows what there is)")
    .addHelpText(
      "after",
      [
        "",
        "Environment:",
        "  CAREKEY_HOME             folder of profiles and blocks",
        "  CAREKEY_PROFILE          profile where --profile is not given",
        "  CAREKEY_PASSPHRASE_FILE  file whose first line is the passphrase, where nobody can type it",
        example("carekey init", "carekey record --help", "carekey --profile doctor whoami --json"),
      ].join("\n"),
    )
    .exitOverride();
  const terminal = new Terminal(streams, () => program.opts());
  const session = (): Session => sessionOf(env, terminal, interruption, program.opts());

  const record = new Command("record").description(
    "records of a chart: add, list, show, open, export, amend, retract, rotate",
  );
  for (const command of [
    recordAddCommand,
    recordListCommand,
    recordShowCommand,
    recordOpenCommand,
    recordExportCommand,
    recordAmendCommand,
    recordRetractCommand,
    recordRotateCommand,
  ])
    record.addCommand(command(session));
  const commands = [
    initCommand(session),
    keyCommand(session),
    vaultCommand(session),
    recoverCommand(session),
    releaseCommand(session),
    whoamiCommand(session),
    credentialCommand(session),
    compartmentCommand(session),
    record,
    grantsCommand(session),
    grantCommand(session),
    revokeCommand(session),
    denyCommand(session),
    liftCommand(session),
    delegateCommand(session),
    undelegateCommand(session),
    redeliverCommand(session),
    storageCommand(session),
    lockdownCommand(session),
    requestCommand(session),
    requestsCommand(session),
    logCommand(session),
    exportCommand(session),
    verifyCommand(session),
    nodeCommand(session),
    completionCommand(session, () => program),
  ];
  for (const command of commands) program.addCommand(command as Command);
  inherit(program);
  return { program, terminal };
}

/** Subcommands that were made apart do not know that failures are thrown and where output goes. */
function inherit(parent: Command): void {
  for (const command of parent.commands as readonly Command[]) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}
