import { Command } from "@commander-js/extra-typings";

import { type Session, long, unlock } from "../session.js";
import { table } from "../terminal.js";

/** Names and shows the compartments of the actor's own chart. */
export function compartmentCommand(session: () => Session) {
  const command = new Command("compartment").description("parts of your chart that you grant apart from each other");
  command
    .command("add")
    .description("make a compartment; its name is sealed, the chain sees a random label")
    .argument("<name>")
    .action(async (name) => {
      const carekey = await unlock(session());
      const compartment = await long(session(), (options) => carekey.addCompartment(name, options));
      session().terminal.result(compartment, [`${compartment.name}  ${compartment.label}`]);
    });
  command
    .command("list")
    .description("your compartments, and those whose names patients told you")
    .action(async () => {
      const carekey = await unlock(session());
      const own = (await carekey.compartments()).map((each) => ({ ...each, patient: carekey.address }));
      const compartments = [...own, ...(await carekey.inbox()).compartments];
      session().terminal.result(
        { compartments },
        table(
          ["name", "label", "patient"],
          compartments.map(({ name, label, patient }) => [name, label, patient === carekey.address ? "you" : patient]),
        ),
      );
    });
  return command;
}
