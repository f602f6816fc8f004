import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { openBytes, sealBytes } from "../../src/crypto/age.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { build } from "../cli/helpers/built.js";
import { browserBundle } from "../helpers/browser-bundle.js";
import { sampleBytes, same } from "../helpers/age-files.js";

const sizes = [0, 1, 65_536, 200_000];
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Opens what Node sealed, seals it anew, and shows base64 in the page. */
const script = `
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const text = (bytes) => { let all = ""; for (const byte of bytes) all += String.fromCharCode(byte); return btoa(all); };
  (async () => {
    const out = [];
    for (const sealed of task.sealed) {
      const plaintext = await age.openBytes(bytes(sealed), { identity: task.identity }, 1 << 20);
      out.push(text((await age.sealBytes(plaintext, [await age.recipientOf(task.identity)])).bytes));
    }
    return out;
  })().then((out) => { document.body.textContent = "done:" + out.join(",") + ":end"; },
            (error) => { document.body.textContent = "failed:" + error; });
`;

function chromium(): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(path.delimiter))
    for (const name of ["chromium", "google-chrome"]) {
      try {
        accessSync(path.join(folder, name), constants.X_OK);
        return path.join(folder, name);
      } catch {
        // the next one
      }
    }
  return undefined;
}

describe("The age layer in browsers", () => {
  it("is bundled from the built package as from its sources", async () => {
    await build();
    const { text, inputs } = await browserBundle("dist");
    expect(inputs).to.include("dist/crypto/primitives/portable.js");
    expect(text).not.to.match(/["']node:|\bBuffer\b/);
  }).timeout(300_000);

  const browser = chromium();
  // no peer that anybody builds: where there is none, nothing is said of it
  if (browser === undefined) return;
  it("opens what Node sealed and seals what Node opens, in Chromium", async () => {
    const identity = await generateIdentity();
    const recipient = await recipientOf(identity);
    const sealed = await Promise.all(
      sizes.map(async (size) => (await sealBytes(sampleBytes(size), [recipient])).bytes),
    );
    const task = JSON.stringify({ identity, sealed: sealed.map(base64) });
    const { text } = await browserBundle();
    const folder = await mkdtemp(path.join(tmpdir(), "carekey-browser-"));
    try {
      const page = path.join(folder, "page.html");
      // the tag keeps a literal </script> in the bundle from ending it
      const source = `${text};const task=${task};${script}`.replaceAll("</script", "<\\/script");
      await writeFile(page, `<!doctype html><meta charset="utf-8"><body><script>${source}</script>`);
      const profile = `--user-data-dir=${path.join(folder, "profile")}`;
      const flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        profile,
        "--virtual-time-budget=600000",
        "--dump-dom",
      ];
      const { stdout } = await promisify(execFile)(browser, [...flags, `file://${page}`], { maxBuffer: 2 ** 26 });
      // its own text takes the script's place in the body
      const answer = /<body>done:([^:]*):end/.exec(stdout)?.[1] ?? stdout.slice(-200);
      const files = answer.split(",").map((file) => new Uint8Array(Buffer.from(file, "base64")));
      expect(files).to.have.lengthOf(sizes.length);
      for (const [index, size] of sizes.entries()) {
        const opened = await openBytes(files[index] ?? new Uint8Array(0), { identity }, 2 ** 20);
        expect(same(opened, sampleBytes(size)), String(size)).to.equal(true);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }).timeout(300_000);
});
