import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { build } from "esbuild";
import { CID } from "multiformats/cid";

import { fsStore } from "../../src/storage/fs.js";
import { cidOfKey, rawBlock } from "../../src/storage/verify.js";
import { failure, namesOf } from "./block-store-suite.js";

/** What a killed writer was told to be done, and what it had begun. */
class Ledger {
  readonly put = new Set<string>();
  readonly deleted = new Set<string>();
  readonly pinned = new Set<string>();
  readonly unpinned = new Set<string>();
  /** Begun and not acknowledged: done or not. */
  readonly open = new Set<string>();
  lines = 0;

  note(line: string): void {
    const [deed, ...cids] = line.split(" ");
    this.lines++;
    for (const cid of cids) {
      if (deed === "put") this.put.add(cid);
      else if (deed === "pinned") this.pinned.add(cid);
      else if (deed === "unpin" || deed === "delete") this.open.add(cid);
      else {
        this.open.delete(cid);
        if (deed === "unpinned") move(cid, this.pinned, this.unpinned);
        else move(cid, this.put, this.deleted);
      }
    }
  }
}

/** A program of this folder as one file, which starts in a fraction of the time. */
export async function bundled(name: string, folder: string): Promise<string> {
  const outfile = join(folder, name.replace(/\.ts$/, ".mjs"));
  const entry = fileURLToPath(new URL(name, import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  return outfile;
}

/**
 * Lets a writer work in `directory`, kills it some milliseconds after its `lines`th line, and checks that what it acknowledged is so, and that
 * nothing half-written is served. Returns how many deeds it had acknowledged.
 */
export async function crashOnce(
  writer: string,
  directory: string,
  { seed, lines, delay }: { seed: number; lines: number; delay: number },
): Promise<number> {
  const child = spawn(process.execPath, [writer, directory, String(seed)], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const ledger = new Ledger();
  for await (const line of createInterface(child.stdout)) {
    ledger.note(line);
    // at any point of a deed, not only right after one
    if (ledger.lines === lines) setTimeout(() => child.kill("SIGKILL"), delay);
  }
  await closed;
  expect(ledger.lines).to.be.at.least(lines);
  await check(directory, ledger);
  return ledger.lines;
}

async function check(directory: string, { put, deleted, pinned, unpinned, open }: Ledger): Promise<void> {
  const store = await fsStore(directory);
  for (const cid of put) {
    if (!open.has(cid)) await store.get(CID.parse(cid));
    // begun: still whole, or gone
    else if (await store.has(CID.parse(cid))) await store.get(CID.parse(cid));
  }
  for (const cid of deleted) await failure(store.get(CID.parse(cid)), "BLOCK_MISSING");
  const pins = new Set(await namesOf(store.pins()));
  for (const cid of pinned) expect(pins.has(cid) || open.has(cid), `${cid} is pinned`).to.equal(true);
  for (const cid of unpinned) expect(pins.has(cid), `${cid} is not pinned`).to.equal(false);
  await expectWhole(directory);
}

/** Every file of a block is what its name says. */
export async function expectWhole(directory: string): Promise<void> {
  for (const entry of await readdir(join(directory, "blocks"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { cid } = await rawBlock(await readFile(join(entry.parentPath, entry.name)));
    expect(cidOfKey(entry.name.replace(/\.data$/, ""))?.toString()).to.equal(cid.toString());
  }
}

function move(cid: string, from: Set<string>, to: Set<string>): void {
  from.delete(cid);
  to.add(cid);
}
