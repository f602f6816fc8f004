import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build, type Plugin } from "esbuild";

export interface BundleOptions {
  /** Stands before each file. */
  readonly banner?: string;
  /** Modules that others stand in for: the end of an import's path, and the file. A stand-in itself gets the real one. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/**
 * Our program and its threads', bundled as a program is shipped: else it would be its loader that is measured.
 * @param thread File of the threads in dist/crypto/files.
 * @returns Path of the program.
 */
export async function bundleProgram(
  folder: string,
  program: string,
  thread: string,
  { banner = "", replaced = {} }: BundleOptions = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
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
    splitting: true, // what one deed alone needs, others do not load
    banner: { js: banner },
    logLevel: "error",
    plugins: [standingIn(replaced)],
  });
  return path.join(folder, "program.js");
}

function standingIn(replaced: Readonly<Record<string, string>>): Plugin {
  const files = Object.values(replaced);
  return {
    name: "standing-in",
    setup: (bundler) => {
      bundler.onResolve({ filter: /^\./ }, ({ path: asked, importer }) => {
        const end = Object.keys(replaced).find((each) => asked.endsWith(each));
        const file = end === undefined || files.includes(importer) ? undefined : replaced[end];
        return file === undefined ? undefined : { path: file };
      });
    },
  };
}
