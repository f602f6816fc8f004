/** The end of a command's help: how a person would type it. */
export function example(...lines: readonly string[]): string {
  return ["", lines.length === 1 ? "Example:" : "Examples:", ...lines.map((line) => `  $ ${line}`)].join("\n");
}
