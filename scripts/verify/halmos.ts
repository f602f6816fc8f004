/** Halmos: every `check_` function of test/proofs holds for all values: `npm run verify:proofs [-- Contract …]`, those of some contracts alone. */
import { halmos } from "./gates.js";
import { fail, requireTools, root } from "./tools.js";

await requireTools("forge", "halmos");
const { verdict, output, proved, open } = await halmos(root, undefined, process.argv.slice(2));
console.log(output.trim());
console.log(`${proved} proved, ${open.length} not`);
if (verdict !== "passed") fail(...open);
