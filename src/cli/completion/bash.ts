import type { KnownCommand, Value } from "./describe.js";

/** A command that prints nothing. */
const nothing = ":";

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
${optionCases(known).join("\n")}
  esac
  case "$1" in
${known.map((command) => commandCase(command, global)).join("\n")}
  esac
  echo ${quoted(global.join(" "))}
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
  local newline=$'\\n'
  local IFS="$newline"
  COMPREPLY=()
  case "$words" in
    *"paths file"*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
    *"paths folder"*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
  esac
  # no option is called so
  words="\${words/paths file/}"; words="\${words/paths folder/}"
  COMPREPLY+=($(compgen -W "\${words// /$newline}" -- "$current"))
}

complete -F _carekey carekey`;
}

/** Lines of a case over "command option": the options that take a value, with what it may be. */
function optionCases(known: readonly KnownCommand[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const { path, options } of known)
    for (const { names, value } of options)
      for (const name of value === undefined ? [] : names) {
        const pattern = path.length === 0 ? `*" ${name}"` : quoted([...path, name].join(" "));
        const offered = offer(value ?? "anything");
        patterns.set(offered, [...(patterns.get(offered) ?? []), pattern]);
      }
  return [...patterns].map(([offered, each]) => `    ${each.join("|")})\n      ${offered}; return ;;`);
}

/** Lines of a case over commands: what may stand after one, besides the options that work everywhere. */
function commandCase({ path, commands, options, operands }: KnownCommand, global: readonly string[]): string {
  const names = options.flatMap((option) => option.names).filter((name) => !global.includes(name));
  const own = [...commands, ...names].join(" ");
  const values = [...new Set(operands.map(offer))].filter((offered) => offered !== nothing);
  const offered = [...values, ...(own === "" ? [] : [`echo ${quoted(own)}`])];
  return `    ${quoted(path.join(" "))}) ${offered.join("; ") || nothing} ;;`;
}

/** A command that prints what is offered. */
function offer(value: Value): string {
  if (value === "anything") return nothing;
  if ("paths" in value) return `echo "paths ${value.paths}"`;
  return `echo ${quoted(value.words.join(" "))}`;
}

function quoted(text: string): string {
  return `"${text}"`;
}
