import { chartFigures } from "../bench/chart.js";
import type { Group } from "./group.js";

/** Listing a chart of 1,000 records: from chain and store alone, and with the sealed cache of the time before. */
export const chart: Group = {
  targets: { chart1000ColdMs: { atMost: 2000 }, chart1000WarmMs: { atMost: 200 } },
  run: async (note) => {
    const figures = await chartFigures();
    note(`chart: ${JSON.stringify(figures)}`);
    return { ...figures };
  },
};
