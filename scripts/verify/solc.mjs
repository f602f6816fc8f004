#!/usr/bin/env node
// A `solc` command for forge, made of the npm (WebAssembly) compiler: nothing is downloaded.
// `solc.mjs --serve SOCKET` stays and compiles for those that are run with CAREKEY_SOLC_SOCKET: once it is warm, four times
// as fast as a new process, which counts when hundreds of mutants are compiled.
import { createRequire } from "node:module";
import { createConnection, createServer } from "node:net";
import { pipeline } from "node:stream/promises";
import { buffer } from "node:stream/consumers";

const require = createRequire(import.meta.url);
const { CAREKEY_SOLC_SOCKET: socket } = process.env;
const args = process.argv.slice(2);

if (args.includes("--version")) {
  // forge asks on every run: answered without loading the compiler, which takes half a second
  const { version } = require("solc/package.json");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}+npm.Linux.g++`);
} else if (args[0] === "--serve") {
  const { compile } = require("solc");
  createServer({ allowHalfOpen: true }, (connection) => {
    connection.on("error", () => undefined); // a forge that was ended
    void buffer(connection).then(
      (input) => connection.end(compile(String(input))),
      () => undefined,
    );
  }).listen(args[1], () => console.log("ready"));
} else if (args.includes("--standard-json") && socket !== undefined) {
  const connection = createConnection({ path: socket, allowHalfOpen: true });
  await Promise.all([pipeline(process.stdin, connection), pipeline(connection, process.stdout)]);
} else if (args.includes("--standard-json")) {
  // forge hands over every source, so there is nothing to look up
  process.stdout.write(require("solc").compile(String(await buffer(process.stdin))));
} else {
  console.error(`only --version and --standard-json, not ${args.join(" ")}`);
  process.exitCode = 1;
}
