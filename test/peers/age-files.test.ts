import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { Decrypter } from "age-encryption";

import { concat } from "../../src/bytes.js";
import { open, seal } from "../../src/crypto/age.js";
import { openFile, sealFile } from "../../src/crypto/files/age-file.js";
import { encodeHeader, readHeader, verifyHeader } from "../../src/crypto/header.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { decryptPayload, encryptPayload } from "../../src/crypto/stream.js";
import { isCareKeyError } from "../../src/errors.js";
import { all, sampleBytes, sealElsewhere } from "../helpers/age-files.js";
import { describePeer, peer } from "./helpers/peer.js";

const call = promisify(execFile);
const sizes = [0, 1, 65_535, 65_536, 65_537, 3_000_000];

describePeer("age", "age files and the stock age command", (age) => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "carekey-age-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("opens what `age -r age1pq1…` sealed", async () => {
    const identity = await generateIdentity();
    const recipient = await recipientOf(identity);
    for (const size of sizes) {
      const plaintext = sampleBytes(size);
      const file = path.join(folder, `in-${size}`);
      await writeFile(file, plaintext);
      await call(age, ["-r", recipient, "-o", `${file}.age`, file]);
      const { plaintext: opened } = await open([await readFile(`${file}.age`)], { identity });
      expect(Buffer.from(await all(opened)).equals(plaintext), String(size)).to.equal(true);
    }
  });

  it("seals what `age -d` opens, to more than one recipient", async () => {
    const identities = [await generateIdentity(), await generateIdentity()];
    const recipients = await Promise.all(identities.map(recipientOf));
    for (const size of sizes) {
      const plaintext = sampleBytes(size);
      const file = path.join(folder, `out-${size}.age`);
      const { stream } = await seal([plaintext], recipients);
      await writeFile(file, stream);
      for (const [index, identity] of identities.entries()) {
        const key = path.join(folder, `key-${index}`);
        await writeFile(key, `${identity}\n`);
        const { stdout } = await call(age, ["-d", "-i", key, file], { encoding: "buffer", maxBuffer: 2 ** 24 });
        expect(stdout.equals(plaintext), String(size)).to.equal(true);
      }
    }
  });

  it("agrees on whole files, with and without threads", async () => {
    const identity = await generateIdentity();
    const recipient = await recipientOf(identity);
    const at = (name: string): string => path.join(folder, name);
    await writeFile(at("key"), `${identity}\n`);
    for (const threads of [0, 2])
      for (const size of sizes) {
        const plaintext = sampleBytes(size);
        const name = `file-${threads}-${size}`;
        await writeFile(at(name), plaintext);
        await sealFile(at(name), at(`${name}.ours`), [recipient], { threads });
        await call(age, ["-d", "-i", at("key"), "-o", at(`${name}.opened`), at(`${name}.ours`)]);
        expect((await readFile(at(`${name}.opened`))).equals(plaintext), name).to.equal(true);
        await call(age, ["-r", recipient, "-o", at(`${name}.theirs`), at(name)]);
        await openFile(at(`${name}.theirs`), at(`${name}.back`), { identity }, { threads });
        expect((await readFile(at(`${name}.back`))).equals(plaintext), name).to.equal(true);
      }
  });

  it("agrees on the layers of classical files, whose stanzas no record may have", async () => {
    const key = path.join(folder, "classical-key");
    await call(peer("age-keygen")!, ["-o", key]);
    const identity = /^AGE-SECRET-KEY-1.+$/m.exec(await readFile(key, "utf8"))![0];
    const recipient = (await call(peer("age-keygen")!, ["-y", key])).stdout.trim();
    for (const size of sizes) {
      const [plain, file] = [path.join(folder, `classical-${size}`), path.join(folder, `classical-${size}.age`)];
      const plaintext = sampleBytes(size);
      await writeFile(plain, plaintext);
      await call(age, ["-r", recipient, "-o", file, plain]);
      const { header, rest } = await readHeader([await readFile(file)]);
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      const fileKey = await decrypter.decryptHeader(header.bytes);
      verifyHeader(header, fileKey);
      expect(Buffer.from(await all(decryptPayload(fileKey, rest))).equals(plaintext), String(size)).to.equal(true);

      // stanzas by age-encryption; header, MAC and payload by us
      const elsewhere = await sealElsewhere(new Uint8Array(0), recipient);
      const { stanzas } = (await readHeader([elsewhere.sealed])).header;
      const { bytes } = encodeHeader(elsewhere.fileKey, stanzas);
      await writeFile(file, concat([bytes, await all(encryptPayload(elsewhere.fileKey, [plaintext]))]));
      const { stdout } = await call(age, ["-d", "-i", key, file], { encoding: "buffer", maxBuffer: 2 ** 24 });
      expect(stdout.equals(plaintext), String(size)).to.equal(true);
    }
  });

  it("takes the identities of age-keygen, and refuses files that it sealed to classical ones", async () => {
    const keygen = peer("age-keygen")!;
    const hybrid = execFileSync(keygen, ["-pq"], { stdio: ["ignore", "pipe", "ignore"] }).toString();
    const identity = /^AGE-SECRET-KEY-PQ-1.+$/m.exec(hybrid)![0];
    expect(hybrid).to.include(await recipientOf(identity));

    const classical = execFileSync(keygen, [], { stdio: ["ignore", "pipe", "ignore"] }).toString();
    const recipient = /age1[a-z0-9]+/.exec(classical)![0];
    const file = path.join(folder, "classical.age");
    await writeFile(path.join(folder, "classical"), "x");
    await call(age, ["-r", recipient, "-o", file, path.join(folder, "classical")]);
    const refusal: unknown = await open([await readFile(file)], { identity }).catch((error: unknown) => error);
    expect(isCareKeyError(refusal, "SEALED_INVALID")).to.equal(true);
  });
});
