import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The command as it is installed. */
export const main = path.join(root, "dist/cli/main.js");

/** Builds dist where it is missing or older than its sources. */
export async function build(): Promise<void> {
  const built = await stat(main).catch(() => undefined);
  if (built && built.mtimeMs >= (await newest(path.join(root, "src")))) return;
  const { resolve } = createRequire(import.meta.url);
  const tsc = path.join(path.dirname(resolve("typescript/package.json")), "bin/tsc");
  await promisify(execFile)(process.execPath, [tsc, "-p", path.join(root, "tsconfig.build.json")]);
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(files.map(async ({ parentPath, name }) => stat(path.join(parentPath, name))));
  return Math.max(...times.map(({ mtimeMs }) => mtimeMs));
}
