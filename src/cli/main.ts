#!/usr/bin/env node
import { readFileSync } from "node:fs";

import { CommanderError } from "@commander-js/extra-typings";

import { CareKeyError } from "../errors.js";
import { systemCode, writeFailure } from "../system-error.js";
import { exitCodes } from "./exit-codes.js";
import { Interruption } from "./interruption.js";
import { buildProgram } from "./program.js";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const interruption = new Interruption(() => end(exitCodes.CANCELLED));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    interruption.interrupt();
  });
process.stdout.on("error", outputFailed);
// nobody reads what goes wrong any more: the exit status still says it
process.stderr.on("error", () => undefined);

const { program, terminal } = buildProgram({
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  env: process.env,
  version,
  interruption,
});
process.on("uncaughtException", (error) => end(report(error)));
try {
  await Promise.race([program.parseAsync(process.argv), interruption.atOnce]);
  await written();
  end(0);
} catch (error) {
  end(report(error));
}

function end(status: number): never {
  terminal.restore();
  process.exit(status);
}

/** Waits until all of the result has left this process. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write("", (error) => {
      if (error) outputFailed(error);
      else resolve();
    });
  });
}

/** The result can't be written. */
function outputFailed(cause: Error): never {
  // a reader that closes its end (`carekey log | head`) is no failure
  if (systemCode(cause) === "EPIPE") return end(0);
  return end(report(writeFailure("The result can't be written", cause)));
}

/** Says what went wrong; returns the exit status. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.INVALID_ARGUMENT;
  if (error instanceof CareKeyError) {
    terminal.failure(error);
    return exitCodes[error.code];
  }
  // whatever an interrupted piece of work says of it
  if (interruption.happened) {
    terminal.failure(new CareKeyError("CANCELLED", "Interrupted", {}, { cause: error }));
    return exitCodes.CANCELLED;
  }
  terminal.unforeseen(error);
  return 1;
}
