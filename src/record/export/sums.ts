/** The text of SHA256SUMS: what `sha256sum -c SHA256SUMS` reads, sorted by name. */
export function sumsText(sums: ReadonlyMap<string, string>): string {
  return [...sums.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sha256]) => `${sha256}  ${name}\n`)
    .join("");
}

/** The sums of a text of {@link sumsText}; undefined for any other text. */
export function parseSums(text: string): Map<string, string> | undefined {
  const lines = text.split("\n");
  if (lines.pop() !== "") return undefined;
  const sums = new Map<string, string>();
  for (const line of lines) {
    const [, sha256, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined) return undefined;
    sums.set(name, sha256);
  }
  return sumsText(sums) === text ? sums : undefined;
}
