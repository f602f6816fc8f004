import { Command } from "@commander-js/extra-typings";

import type { Session } from "../session.js";
import { storageEraseCommand } from "./storage-erase.js";
import { storageHealCommands } from "./storage-heal.js";
import { storagePolicyCommand } from "./storage-policy.js";
import { storageReportCommand } from "./storage-report.js";

/** Where a chart's blocks lie, and what keeps them whole. */
export function storageCommand(session: () => Session) {
  const command = new Command("storage").description(
    "where your records' blocks lie: report, check, repair, rebalance, policy, erase",
  );
  command.addCommand(storageReportCommand(session));
  for (const each of storageHealCommands(session)) command.addCommand(each);
  command.addCommand(storagePolicyCommand(session));
  command.addCommand(storageEraseCommand(session));
  return command;
}
