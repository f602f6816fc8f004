import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

/**
 * Our program and its threads' as one file each, as a program is shipped: else it would be its loader that is measured.
 * @param thread File of the threads in dist/crypto/files.
 * @param banner Stands before each file.
 * @returns Path of the program.
 */
export async function bundleProgram(folder: string, program: string, thread: string, banner = ""): Promise<string> {
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await build({
    entryPoints: [program, fileURLToPath(new URL(`../../dist/crypto/files/${thread}`, import.meta.url))],
    outdir: folder,
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    // only a Node without ML-KEM reads it
    external: ["*/portable-kem.js"],
    format: "esm",
    banner: { js: banner },
    logLevel: "error",
  });
  return path.join(folder, "program.js");
}
