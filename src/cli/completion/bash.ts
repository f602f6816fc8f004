import type { KnownCommand, KnownOption, Value } from "./describe.js";

/** A script for bash 3.2 and later; zsh takes it through its bashcompinit. */
export function bashScript(known: readonly KnownCommand[]): string {
  const program = known.filter(({ path }) => path.length === 0);
  const global = program.flatMap(({ options }) => options.flatMap(({ names }) => names));
  const withValue = known.flatMap(({ options }) => options.filter(({ value }) => value !== undefined));
  const values = [...new Set(withValue.flatMap(({ names }) => names))];
  const commands = known.flatMap(({ path }) => (path.length === 0 ? [] : [quoted(path.join(" "))]));
  return `# Completion of carekey; in ~/.bashrc: source <(carekey completion bash)

# What may stand at the cursor: words, or "paths file" or "paths folder"; $1 is the command so far, $2 the word before.
_carekey_words() {
  case "$1 $2" in
${options(known)
  .map(([pattern, option]) => `    ${pattern}) ${offer(option)}; return ;;`)
  .join("\n")}
  esac
  case "$1" in
${known
  .map(
    (command) => `    ${quoted(command.path.join(" "))}) ${offer(operandsOf(command))}
      echo ${quoted(wordsOf(command, global))} ;;`,
  )
  .join("\n")}
  esac
}

_carekey() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" word is_value="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    if [ -n "$is_value" ]; then is_value=""; continue; fi
    case "$word" in
      ${values.join("|")}) is_value=1; continue ;;
      -*) continue ;;
    esac
    case "\${command:+$command }$word" in
      ${commands.join("|")}) command="\${command:+$command }$word" ;;
    esac
  done
  local words="$(_carekey_words "$command" "$before")"
  # names of files may hold spaces
  local IFS=$'\\n'
  COMPREPLY=()
  case "$words" in
    *"paths file"*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    *"paths folder"*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
  esac
  # no option is called so
  words="\${words/paths file/}"; words="\${words/paths folder/}"
  COMPREPLY+=($(compgen -W "\${words// /$'\\n'}" -- "$current"))
}

complete -F _carekey carekey`;
}

/** Patterns of "command option" whose value can be offered. */
function options(known: readonly KnownCommand[]): [string, Value][] {
  return known.flatMap(({ path, options: all }) =>
    all.flatMap(({ names, value }: KnownOption): [string, Value][] =>
      value === undefined
        ? []
        : [
            [
              names.map((name) => (path.length === 0 ? `*" ${name}"` : quoted([...path, name].join(" ")))).join("|"),
              value,
            ],
          ],
    ),
  );
}

function operandsOf({ operands }: KnownCommand): Value {
  const paths = operands.find((value) => value !== "anything" && "paths" in value);
  return paths ?? { words: operands.flatMap((value) => (value !== "anything" && "words" in value ? value.words : [])) };
}

function wordsOf({ path, commands, options: own }: KnownCommand, global: readonly string[]): string {
  const names = own.flatMap(({ names: each }) => each);
  return [...commands, ...new Set([...names, ...(path.length === 0 ? [] : global)])].join(" ");
}

/** A command that prints what is offered. */
function offer(value: Value): string {
  if (value === "anything") return ":";
  if ("paths" in value) return `echo "paths ${value.paths}"`;
  return value.words.length === 0 ? ":" : `echo ${quoted(value.words.join(" "))}`;
}

function quoted(text: string): string {
  return `"${text}"`;
}
