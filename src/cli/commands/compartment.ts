import { Command } from "@commander-js/extra-typings";

import { example } from "../help.js";
import { lossOption, publishedVault, requireRecovery } from "../recovery.js";
import { checkName } from "../scope.js";
import { type Session, long, unlock } from "../session.js";

/** Names and shows the compartments of the actor's own chart. */
export function compartmentCommand(session: () => Session) {
  const command = new Command("compartment").description("parts of your chart that you grant apart from each other");
  command
    .command("add")
    .description("make a compartment; its name is sealed, the chain sees a random label")
    .argument("<name>", "what you call it")
    .option(...lossOption)
    .addHelpText("after", example("carekey compartment add imaging"))
    .action(async (name, { iAcceptLoss }) => {
      checkName(name);
      await requireRecovery(session(), iAcceptLoss);
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      await publishedVault(session(), unlocked);
      const compartment = await long(session(), (options) => carekey.addCompartment(name, options));
      session().terminal.result(compartment, [`${compartment.name}  ${compartment.label}`]);
    });
  command
    .command("list")
    .description("your compartments, and those whose names patients told you")
    .addHelpText("after", example("carekey compartment list"))
    .action(async () => {
      const { terminal } = session();
      const { carekey } = await unlock(session());
      const own = (await carekey.compartments()).map((each) => ({ ...each, patient: carekey.address }));
      const compartments = distinct([...own, ...(await carekey.inbox()).compartments]);
      terminal.result(
        { compartments },
        terminal.table(
          ["name", "label", "patient"],
          compartments.map(({ name, label, patient }) => [name, label, patient === carekey.address ? "you" : patient]),
        ),
      );
    });
  return command;
}

/** Every grant tells the names again. */
function distinct<T extends { name: string; label: string; patient: string }>(compartments: readonly T[]): T[] {
  const keyed = compartments.map((each) => [`${each.patient} ${each.label} ${each.name}`, each] as const);
  return [...new Map(keyed).values()];
}
