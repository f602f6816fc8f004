import { roles } from "../../chain/ids.js";
import { purposes } from "../../chain/purposes.js";

/** What may stand after an option or as an argument. */
export type Value = { readonly words: readonly string[] } | { readonly paths: "file" | "folder" } | "anything";

/** An option that a shell can offer. */
export interface KnownOption {
  readonly names: readonly string[];
  readonly description: string;
  /** Undefined for a flag. */
  readonly value: Value | undefined;
}

/** A command that a shell can offer, e.g. `record add`. */
export interface KnownCommand {
  /** Words after the program's name; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly string[];
  readonly options: readonly KnownOption[];
  readonly operands: readonly Value[];
}

/** The part of commander's Command that is looked at. */
export interface CommandLike {
  name(): string;
  description(): string;
  readonly commands: readonly CommandLike[];
  readonly options: readonly OptionLike[];
  readonly registeredArguments: readonly ArgumentLike[];
}

interface OptionLike {
  readonly flags: string;
  readonly description: string;
  readonly short?: string | undefined;
  readonly long?: string | undefined;
  readonly argChoices?: readonly string[] | undefined;
}

interface ArgumentLike {
  name(): string;
  readonly argChoices?: readonly string[] | undefined;
}

/** Values by the name that help gives them: `<role>`, `<code...>`. */
const byName: Readonly<Record<string, Value>> = {
  role: { words: roles },
  code: { words: purposes },
  scope: { words: ["chart"] },
  file: { paths: "file" },
  folder: { paths: "folder" },
};

/** All commands of a program, each before those below it. */
export function describeCommands(command: CommandLike, path: readonly string[] = []): KnownCommand[] {
  const known: KnownCommand = {
    path,
    description: command.description(),
    commands: command.commands.map((each) => each.name()),
    options: [
      ...command.options.map(describeOption),
      { names: ["-h", "--help"], description: "show help", value: undefined },
    ],
    operands: command.registeredArguments.map((argument) => valueOf(argument.name(), argument.argChoices)),
  };
  return [known, ...command.commands.flatMap((each) => describeCommands(each, [...path, each.name()]))];
}

function describeOption({ flags, description, short, long, argChoices }: OptionLike): KnownOption {
  const name = /[<[]([^\]>.]+)/.exec(flags)?.[1];
  return {
    names: [short, long].filter((each) => each !== undefined),
    description,
    value: name === undefined ? undefined : valueOf(name, argChoices),
  };
}

function valueOf(name: string, choices: readonly string[] | undefined): Value {
  return choices ? { words: choices } : (byName[name] ?? "anything");
}
