import { Argument, Command } from "@commander-js/extra-typings";

import { bashScript } from "../completion/bash.js";
import { type CommandLike, describeCommands } from "../completion/describe.js";
import { fishScript } from "../completion/fish.js";
import { example } from "../help.js";
import type { Session } from "../session.js";

const shells = ["bash", "zsh", "fish"] as const;

/** Prints a script that teaches a shell the commands, options and their values. */
export function completionCommand(session: () => Session, program: () => CommandLike) {
  return new Command("completion")
    .description("print a completion script for your shell")
    .addArgument(new Argument("<shell>", "which").choices(shells))
    .addHelpText(
      "after",
      example(
        "source <(carekey completion bash)    # in ~/.bashrc",
        "source <(carekey completion zsh)     # in ~/.zshrc",
        "carekey completion fish | source     # in ~/.config/fish/config.fish",
      ),
    )
    .action((shell) => {
      const script = scriptFor(shell, program());
      session().terminal.result({ shell, script }, script.split("\n"));
    });
}

function scriptFor(shell: (typeof shells)[number], program: CommandLike): string {
  const known = describeCommands(program);
  switch (shell) {
    case "bash":
      return bashScript(known);
    case "zsh":
      return [
        "autoload -U +X compinit && compinit",
        "autoload -U +X bashcompinit && bashcompinit",
        bashScript(known),
      ].join("\n");
    case "fish":
      return fishScript(known);
  }
}
