// The smallest program that seals or opens a file with what `npm run build` made: what a process of CareKey's takes, without
// the loader of TypeScript. It reads no more of CareKey than it needs, and is bundled into one file before it is measured.
//   node program.mjs seal IN OUT RECIPIENT | open IN OUT FILE-WITH-IDENTITY
import { readFileSync } from "node:fs";

import { openFile, sealFile } from "../../dist/crypto/files/age-file.js";

const [, , direction, source, target, key] = process.argv;
if (direction === "seal") await sealFile(source, target, [key]);
else await openFile(source, target, { identity: /^AGE-SECRET-KEY-PQ-1.+$/m.exec(readFileSync(key, "utf8"))[0] });
// for whoever measures: most memory that it held, in MiB; what the system counts for a process begins with its parent's
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1];
console.log(Math.ceil(Number(peak) / 1024));
