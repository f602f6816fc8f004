import type { KnownCommand, Value } from "./describe.js";

/** A script for fish 3 and later. */
export function fishScript(known: readonly KnownCommand[]): string {
  return [
    "# Completion of carekey; in ~/.config/fish/config.fish: carekey completion fish | source",
    "",
    "# True when the commands on the line begin with the given ones.",
    "function __carekey_in",
    "    set -l found (string match -v -- '-*' (commandline -opc)[2..-1])",
    "    set -l depth (count $argv)",
    '    test $depth -eq 0; or test "$found[1..$depth]" = "$argv"',
    "end",
    "# True when they are exactly the given ones.",
    "function __carekey_at",
    "    set -l found (string match -v -- '-*' (commandline -opc)[2..-1])",
    '    test "$found" = "$argv"',
    "end",
    "",
    "complete -c carekey -f",
    ...known.flatMap(({ path, options, operands, description }) => {
      const inside = ["__carekey_in", ...path].join(" ");
      return [
        ...(path.length === 0 ? [] : [command(path, description)]),
        ...options.map(({ names, value, description: text }) => {
          const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
          return ["complete -c carekey", `-n ${quoted(inside)}`, ...flags, values(value), `-d ${quoted(text)}`].join(
            " ",
          );
        }),
        ...operands.flatMap((value) =>
          value === "anything" ? [] : [`complete -c carekey -n ${quoted(inside)} ${values(value).replace("-x ", "")}`],
        ),
      ];
    }),
  ].join("\n");
}

function command(path: readonly string[], description: string): string {
  const above = ["__carekey_at", ...path.slice(0, -1)].join(" ");
  return `complete -c carekey -n ${quoted(above)} -a ${path.at(-1) ?? ""} -d ${quoted(description)}`;
}

function values(value: Value | undefined): string {
  if (value === undefined) return "";
  if (value === "anything") return "-x";
  if ("words" in value) return `-x -a ${quoted(value.words.join(" "))}`;
  return value.paths === "file" ? "-r -F" : "-x -a '(__fish_complete_directories)'";
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
