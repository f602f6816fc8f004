/** Runs every example, one after the other: `npm run -s examples`. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../examples/", import.meta.url));
for (const name of readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "setup.ts")) {
  console.log(`── ${name}`);
  const { status } = spawnSync(process.execPath, ["--import=tsx", folder + name], { stdio: "inherit" });
  if (status !== 0) {
    console.error(`${name} ended with ${String(status)}`);
    process.exitCode = 1;
  }
}
