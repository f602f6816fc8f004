import { add } from "./add.js";
import { blockGet, blockPut, blockRm, blockStat } from "./block.js";
import { cat, filesStat } from "./cat.js";
import type { Command } from "./command.js";
import { dagExport } from "./dag-export.js";
import { dagImport } from "./dag-import.js";
import { identity, version } from "./identity.js";
import { pinAdd, pinLs, pinRm } from "./pin.js";
import { refsLocal, repoGc, repoStat, repoVersion } from "./repo.js";

/** All commands by their path below /api/v0/. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ["add", add],
  ["block/get", blockGet],
  ["block/put", blockPut],
  ["block/rm", blockRm],
  ["block/stat", blockStat],
  ["cat", cat],
  ["dag/export", dagExport],
  ["dag/import", dagImport],
  ["files/stat", filesStat],
  ["id", identity],
  ["pin/add", pinAdd],
  ["pin/ls", pinLs],
  ["pin/rm", pinRm],
  ["refs/local", refsLocal],
  ["repo/gc", repoGc],
  ["repo/stat", repoStat],
  ["repo/version", repoVersion],
  ["version", version],
]);
