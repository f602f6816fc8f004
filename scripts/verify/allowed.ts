import { readFile } from "node:fs/promises";
import path from "node:path";

import { fail, root } from "./tools.js";

/** Mutants that may live, as a list in `test` names them: each followed by `# reason` lines, then an empty line. */
export async function readAllowed(file: string): Promise<ReadonlyMap<string, string>> {
  const allowed = new Map<string, string>();
  let last: string | undefined;
  for (const line of (await readFile(path.join(root, file), "utf8")).split("\n")) {
    if (line.trim() === "") last = undefined;
    else if (!line.startsWith("#")) allowed.set((last = line.trim()), "");
    else if (last !== undefined) allowed.set(last, `${allowed.get(last) ?? ""} ${line.slice(1).trim()}`.trim());
  }
  for (const [mutant, reason] of allowed) if (reason === "") fail(`${file} gives no reason: ${mutant}`);
  return allowed;
}

/** Ends this check where a mutant lives that the list does not name; says what the list names in vain. */
export function requireAllowed(
  file: string,
  allowed: ReadonlyMap<string, string>,
  alive: ReadonlySet<string>,
  tried: ReadonlySet<string>,
): void {
  for (const mutant of allowed.keys())
    if (tried.has(mutant) && !alive.has(mutant)) console.log(`no longer alive: ${mutant}`);
  const unexplained = [...alive].filter((mutant) => !allowed.has(mutant));
  if (unexplained.length > 0) fail("", `Alive, and not in ${file}:`, ...unexplained);
}
