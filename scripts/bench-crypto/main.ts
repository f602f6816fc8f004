/**
 * How fast sealing and opening are (docs/performance.md): `npm run bench:crypto`, one object with `npm run -s bench:crypto -- --json`; `-- header age`
 * measures these groups alone, `-- --check` fails where a figure misses its target.
 */
import { stockAge } from "./age.js";
import { chart } from "./chart.js";
import { header } from "./header.js";
import { measure } from "./measure.js";
import { typage } from "./typage.js";

// one file each; order of measuring
await measure({ header, typage, age: stockAge, chart });
