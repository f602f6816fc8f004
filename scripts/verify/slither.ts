/**
 * Slither: fails on every finding that no comment in the source explains (`npm run verify:slither`).
 *
 * Not asked for (slither.config.json): `timestamp`, since periods are what these contracts are about and it follows a time
 * into everything stored beside it; `naming-convention` and `assembly`, which solhint checks.
 */
import { slither } from "./gates.js";
import { fail, requireTools, root } from "./tools.js";

await requireTools("forge", "slither");
const { verdict, output } = await slither(root);
console.log(output.trim());
if (verdict !== "passed")
  fail("", "Mend it, or explain it in the line before: // slither-disable-next-line <detector>");
