/** Seconds since 1970 as people read them, in UTC. */
export function dateTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Control characters and those that turn the direction of writing: in others' text they could make a terminal show what is not so. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A line that a terminal can be trusted with. */
export function printable(line: string): string {
  return line.replace(unprintable, "\ufffd");
}

/**
 * Rows under a head, columns as wide as they must be. Where that is wider than `columns`, each row becomes a block of its own: nothing is cut, as
 * addresses and ids are there to be copied.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], columns = Infinity): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => length(row[column] ?? ""))));
  const width = widths.reduce((sum, each) => sum + each, 2 * (head.length - 1));
  if (width > columns && rows.length > 0) return blocks(head, rows);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [head, widths.map((each) => "─".repeat(each)), ...rows].map(line);
}

function blocks(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...head.map((title) => title.length));
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : [""]),
    ...row.flatMap((cell, column) => (cell === "" ? [] : [`${pad(head[column] ?? "", width)}  ${cell}`])),
  ]);
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - length(cell)));
}

/** Characters as people count them. */
function length(cell: string): number {
  return [...new Intl.Segmenter().segment(cell)].length;
}
