import { encode } from "../../src/storage/pool/reed-solomon.js";
import { type Group, median, rounded } from "../bench-crypto/group.js";

const ROUNDS = 5;
const DATA = 10;
const PARITY = 4;
const LEAF = 1024 * 1024;
/** Stripes of a round: some tenths of a second. */
const STRIPES = 25;

/** Parity of stripes of 10 + 4 leaves, in megabytes (10^6) of data per second of the core that encodes, whatever else the machine does. */
export const reedSolomon: Group = {
  targets: { reedSolomonMBps: { atLeast: 600 } },
  run: (note) => {
    const leaves = Array.from({ length: DATA }, (_, index) => {
      return Uint8Array.from({ length: LEAF }, (_byte, at) => (at * 31 + index * 7) & 0xff);
    });
    const round = () => {
      const before = process.cpuUsage();
      for (let stripe = 0; stripe < STRIPES; stripe++) encode(leaves, PARITY);
      const { user, system } = process.cpuUsage(before);
      return (STRIPES * DATA * LEAF) / (user + system);
    };
    // until the kernel is compiled at its best
    round();
    const rates: number[] = [];
    while (rates.length < ROUNDS) {
      rates.push(round());
      note(`Reed–Solomon: ${rates.at(-1)?.toFixed(0)} MB/s`);
    }
    return Promise.resolve({ reedSolomonMBps: rounded(median(rates)) });
  },
};
