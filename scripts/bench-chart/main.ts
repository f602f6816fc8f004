/**
 * What reading by proof costs (docs/performance.md): `npm run bench:chart`, one object with `npm run -s bench:chart -- --json`; `-- --check` fails where a
 * figure misses its target.
 */
import { measure } from "../bench-crypto/measure.js";
import { cold } from "./cold.js";
import { growth } from "./growth.js";
import { questions } from "./questions.js";

// one file each; order of measuring
await measure({ cold, questions, growth });
