/**
 * Runs programs on behalf of a process that may end in any way. When that process stops, crashes or is killed, the channel to it closes: then
 * the programs end, and the folder that they worked in is removed unless it is to be kept. A session of its own, so that Ctrl-C reaches this process through the channel only.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync } from "node:fs";
import path from "node:path";

import type { Order, Report } from "./programs.js";

const [folder = "", fate] = process.argv.slice(2);
const programs = new Map<string, ChildProcess>();
const patience = 10_000;

process.on("message", (order: Order) => {
  if (order.do === "start") start(order);
  else signal(programs.get(order.name), order.signal);
});
// the other may have ended while this one was starting
if (process.connected) process.once("disconnect", () => void end());
else void end();

function start({ name, command, args }: Extract<Order, { do: "start" }>): void {
  const log = openSync(path.join(folder, `${name}.log`), "a");
  // a process group of its own: a program's own children end with it
  const program = spawn(command, [...args], { detached: true, cwd: folder, stdio: ["ignore", log, log] });
  closeSync(log);
  programs.set(name, program);
  const ended = (how: string): void => {
    if (programs.get(name) === program) programs.delete(name);
    report({ name, how });
  };
  program.once("error", ({ message }) => {
    ended(message);
  });
  program.once("exit", (code, by) => {
    signal(program, "SIGKILL");
    ended(by ?? `status ${String(code)}`);
  });
}

function report(ending: Report): void {
  if (process.connected) process.send?.(ending);
}

function signal(program: ChildProcess | undefined, name: NodeJS.Signals): void {
  if (program?.pid === undefined) return;
  try {
    process.kill(name === "SIGKILL" ? -program.pid : program.pid, name);
  } catch {
    // it has ended
  }
}

async function end(): Promise<void> {
  const running = [...programs.values()];
  const ended = running.map((program) => once(program, "exit"));
  for (const program of running) signal(program, "SIGTERM");
  const late = setTimeout(() => {
    for (const program of running) signal(program, "SIGKILL");
  }, patience);
  await Promise.all(ended);
  clearTimeout(late);
  if (fate !== "keep") rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
