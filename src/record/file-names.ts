/** Longest name in bytes that every usual file system takes, with room for an ending and a number. */
const longest = 200;

/** Names of devices on Windows, with any ending (Microsoft, "Naming Files, Paths, and Namespaces"). */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?$/i;

/** Separators, what Windows forbids, control characters, halves of surrogate pairs, and marks that show a name in another order. */
const unsafe = /[/\\<>:"|?*\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * File names for the parts of a record, one each in their order: they stay in their folder on every usual file system, and none is taken for another where letters' case
 * does not count. The same names give the same result.
 * @example safeNames(["ECG.dcm", "ecg.dcm", "../nul"]); // ["0-ECG.dcm", "1-ecg.dcm", ".._nul"]
 */
export function safeNames(names: readonly string[]): string[] {
  const plain = names.map(safeName);
  const count = new Map<string, number>();
  for (const name of plain) count.set(folded(name), (count.get(folded(name)) ?? 0) + 1);
  const taken = new Set(plain.map(folded).filter((name) => count.get(name) === 1));
  return plain.map((name, position) => {
    if (count.get(folded(name)) === 1) return name;
    let numbered = `${position}-${name}`;
    while (taken.has(folded(numbered))) numbered = `${position}-${numbered}`;
    taken.add(folded(numbered));
    return numbered;
  });
}

function safeName(name: string): string {
  const cleaned = name
    .normalize("NFC")
    .replace(unsafe, "_")
    .replace(/^ +/, "")
    .replace(/[. ]+$/, "");
  const kept = shortened(cleaned === "" ? "file" : cleaned);
  return reserved.test(kept) ? `_${kept}` : kept;
}

/** Cut in the middle, so that the ending stays. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name;
  const ending = /\.[^. ]{1,16}$/u.exec(name)?.[0] ?? "";
  const whole = name.slice(0, name.length - ending.length);
  const begin = [...new Intl.Segmenter().segment(whole)].map(({ segment }) => segment);
  while (Buffer.byteLength(begin.join("") + ending) > longest) begin.pop();
  return begin.join("").replace(/[. ]+$/, "") + ending;
}

/** As file systems that ignore case compare names. */
function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase().toUpperCase().normalize("NFC");
}
