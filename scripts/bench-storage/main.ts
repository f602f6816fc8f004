/**
 * How fast sharing and opening through a store are (docs/performance.md): `npm run bench:storage`, one object with `npm run -s bench:storage -- --json`;
 * `-- share open` measures these groups alone, `-- --check` fails where a figure misses its target. CAREKEY_BENCH=32x1 tries it all with 32 MiB and
 * one run, for figures that say nothing.
 */
import { measure } from "../bench-crypto/measure.js";
import { memory } from "./memory.js";
import { nodes } from "./nodes.js";
import { open } from "./open.js";
import { peers } from "./peers.js";
import { reedSolomon } from "./reed-solomon.js";
import { share } from "./share.js";

// one file each; order of measuring
await measure({ share, open, peers, fragments: reedSolomon, nodes, memory });
