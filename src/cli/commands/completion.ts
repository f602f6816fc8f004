import { Argument, Command } from "@commander-js/extra-typings";

import { CareKeyError } from "../../errors.js";
import type { Session } from "../session.js";

const shells = ["bash", "zsh", "fish"] as const;

/** What a shell needs to know of a program. */
interface Known {
  readonly path: string;
  readonly words: readonly string[];
}

/** Prints a script that teaches a shell the commands and options. */
export function completionCommand(session: () => Session, program: () => { readonly commands: readonly unknown[] }) {
  return new Command("completion")
    .description("print a completion script: `source <(carekey completion bash)`")
    .addArgument(new Argument("<shell>").choices(shells))
    .action((shell) => {
      const known = walk(program() as unknown as CommandLike, "carekey");
      session().terminal.result({ shell, script: scriptFor(shell, known) }, [scriptFor(shell, known)]);
    });
}

/** The part of commander's Command that is walked. */
interface CommandLike {
  name(): string;
  readonly commands: readonly CommandLike[];
  readonly options: readonly { readonly long?: string | undefined }[];
}

function walk(command: CommandLike, path: string): Known[] {
  const options = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]));
  const words = [...command.commands.map((each) => each.name()), ...options, "--help"];
  return [{ path, words }, ...command.commands.flatMap((each) => walk(each, `${path} ${each.name()}`))];
}

function scriptFor(shell: (typeof shells)[number], known: readonly Known[]): string {
  switch (shell) {
    case "bash":
    case "zsh": {
      const cases = known.map(({ path, words }) => `    "${path}") words="${words.join(" ")}" ;;`);
      const body = [
        "_carekey() {",
        '  local path="carekey" words="" word current="${COMP_WORDS[COMP_CWORD]}"',
        '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do case "$word" in -*) ;; *) case " $(_carekey_words "$path") " in *" $word "*) path="$path $word" ;; esac ;; esac; done',
        '  COMPREPLY=($(compgen -W "$(_carekey_words "$path")" -- "$current"))',
        '  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))',
        "}",
        "_carekey_words() {",
        '  local words=""',
        '  case "$1" in',
        ...cases,
        "  esac",
        '  echo "$words"',
        "}",
        "complete -F _carekey carekey",
      ];
      return [...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []), ...body].join("\n");
    }
    case "fish":
      return known
        .flatMap(({ path, words }) => {
          const [, ...above] = path.split(" ");
          const condition =
            above.length === 0
              ? "__fish_use_subcommand"
              : above.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
          return words.map((word) =>
            word.startsWith("--")
              ? `complete -c carekey -n '${condition}' -l ${word.slice(2)}`
              : `complete -c carekey -n '${condition}' -f -a ${word}`,
          );
        })
        .join("\n");
    default:
      throw new CareKeyError("INVALID_ARGUMENT", `No completion for ${String(shell)}`);
  }
}
