/** A bound that a figure has to keep: ratios have a least value, times and sizes a greatest. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** Figures that are measured together, in a file of their own. */
export interface Group {
  readonly targets: Readonly<Record<string, Target>>;
  /** Measures; `note` takes single runs, for whoever looks on. */
  readonly run: (note: (line: string) => void) => Promise<Readonly<Record<string, number>>>;
}

/** True where a figure keeps its bound. */
export function isKept(figure: number, target: Target): boolean {
  return "atLeast" in target ? figure >= target.atLeast : figure <= target.atMost;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** Two or three digits say all that such a figure tells. */
export function rounded(figure: number): number {
  return Number(figure.toPrecision(3));
}

/** Seconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

/** Runs two works in turn, first the one and then the other in front, and gives the seconds of each pair. */
export async function alternating(
  runs: number,
  theirs: () => Promise<number>,
  ours: () => Promise<number>,
): Promise<{ theirs: number; ours: number }[]> {
  const pairs: { theirs: number; ours: number }[] = [];
  for (let run = 0; run < runs; run++) {
    if (run % 2 === 0) pairs.push({ theirs: await theirs(), ours: await ours() });
    else {
      const first = await ours();
      pairs.push({ theirs: await theirs(), ours: first });
    }
  }
  return pairs;
}

/** Their seconds over ours: above 1 we are faster. */
export function ratio(pairs: readonly { theirs: number; ours: number }[]): number {
  return rounded(median(pairs.map(({ theirs, ours }) => theirs / ours)));
}
