#!/usr/bin/env node
import { readFileSync } from "node:fs";

import { CommanderError } from "@commander-js/extra-typings";

import { CareKeyError } from "../errors.js";
import { exitCodes } from "./exit-codes.js";
import { buildProgram } from "./program.js";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

// the first Ctrl-C lets the work clean up after itself, a second one ends it at once
const interruption = new AbortController();
const interrupt = (): void => {
  if (interruption.signal.aborted) process.exit(130);
  interruption.abort(new Error("interrupted"));
};
process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);
// a reader that closes its end (`carekey log | head`) is no failure
process.stdout.on("error", () => process.exit(0));

const { program, terminal } = buildProgram({
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  version,
  signal: interruption.signal,
});
try {
  await program.parseAsync(process.argv);
  process.exit(0);
} catch (error) {
  process.exit(report(error));
}

/** Says what went wrong; returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof CareKeyError) {
    terminal.failure(error);
    return exitCodes[error.code];
  }
  process.stderr.write(
    `Something went wrong that nobody foresaw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
