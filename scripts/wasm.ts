/** Compiles src/storage/pool/reed-solomon.wat into the constant beside it: `npm run wasm`. A test compares the two. */
import { readFile, writeFile } from "node:fs/promises";

import { compileWat } from "./wasm/compile.js";

const source = new URL("../src/storage/pool/reed-solomon.wat", import.meta.url);
const target = new URL("../src/storage/pool/reed-solomon-wasm.ts", import.meta.url);

const module = Buffer.from(await compileWat(await readFile(source, "utf8"))).toString("base64");
const lines = module.match(/.{1,116}/g) ?? [];
await writeFile(
  target,
  `/** reed-solomon.wat, compiled by \`npm run wasm\`: base64. */
export const REED_SOLOMON_WASM =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`,
);
