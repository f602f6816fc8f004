import { mkdtemp, readFile, readdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { concat } from "../../../src/bytes.js";
import { open, seal, sealBytes } from "../../../src/crypto/age.js";
import { CHUNK_SIZE, SEALED_CHUNK_SIZE } from "../../../src/crypto/chunks.js";
import { openFile, sealFile } from "../../../src/crypto/files/age-file.js";
import { generateIdentity, recipientOf } from "../../../src/crypto/recipients.js";
import { saveStream } from "../../../src/record/save.js";
import { all, refusal, sampleBytes, same } from "../../helpers/age-files.js";

const sizes = [0, 1, 65_535, 65_536, 65_537, 262_144, 262_145, 1_000_000];
/** A thread takes long to start where its source is TypeScript. */
const fewSizes = [0, 262_145, 1_000_000];

describe("A file", () => {
  let folder: string;
  let identity: string;
  let recipient: string;
  let serial = 0;
  const fresh = (): string => path.join(folder, String(serial++));
  const written = async (bytes: Uint8Array): Promise<string> => {
    const file = fresh();
    await writeFile(file, bytes);
    return file;
  };

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "carekey-files-"));
    identity = await generateIdentity();
    recipient = await recipientOf(identity);
  });
  after(() => rm(folder, { recursive: true }));

  for (const threads of [0, 1, 3]) {
    it(`is sealed and opened with ${threads} threads as a stream is`, async () => {
      for (const size of threads === 0 ? sizes : fewSizes) {
        const plaintext = sampleBytes(size);
        const [source, sealed, opened] = [await written(plaintext), fresh(), fresh()];
        const { fileKey, header } = await sealFile(source, sealed, [recipient], { threads });
        const bytes = await readFile(sealed);
        expect(same(bytes.subarray(0, header.bytes.length), header.bytes)).to.equal(true);
        expect(same(await all((await open([bytes], { identity })).plaintext), plaintext), String(size)).to.equal(true);
        await openFile(sealed, opened, { fileKey }, { threads });
        expect(same(await readFile(opened), plaintext), String(size)).to.equal(true);
        const streamed = await written(await all((await seal([plaintext], [recipient])).stream));
        const again = fresh();
        await openFile(streamed, again, { identity }, { threads });
        expect(same(await readFile(again), plaintext), String(size)).to.equal(true);
      }
    }).timeout(60_000);
  }

  it("of 48 MiB is shared out among threads, and says how far it is", async () => {
    const plaintext = sampleBytes(48 * 1024 * 1024);
    const [source, sealed, opened] = [await written(plaintext), fresh(), fresh()];
    const told: [number, number][] = [];
    const onProgress = (done: number, total: number): void => void told.push([done, total]);
    await sealFile(source, sealed, [recipient], { onProgress });
    await openFile(sealed, opened, { identity }, { onProgress });
    expect(same(await readFile(opened), plaintext)).to.equal(true);
    expect(told.at(-1)).to.deep.equal([plaintext.length, plaintext.length]);
    expect(told.every(([done, total]) => done <= total && total === plaintext.length)).to.equal(true);
  }).timeout(60_000);

  it("appears whole, for its owner alone, and never in another's place", async () => {
    const [source, sealed] = [await written(sampleBytes(100)), fresh()];
    await sealFile(source, sealed, [recipient]);
    expect((await stat(sealed)).mode & 0o777).to.equal(0o600);
    for (const work of [() => sealFile(source, sealed, [recipient]), () => openFile(sealed, source, { identity })])
      expect((await refusal(work)).code).to.equal("FILE_EXISTS");
    expect(same(await readFile(source), sampleBytes(100))).to.equal(true);
    expect(await leftovers()).to.deep.equal([]);
  });

  it("is refused where it is none, can't be read, or was written to meanwhile", async () => {
    for (const source of [folder, path.join(folder, "none")]) {
      expect((await refusal(() => sealFile(source, fresh(), [recipient]))).code).to.equal("FILE_UNREADABLE");
      expect((await refusal(() => openFile(source, fresh(), { identity }))).code).to.equal("FILE_UNREADABLE");
    }
    const changes = [(file: string) => utimes(file, 1, 1), (file: string) => truncate(file, 10)];
    for (const change of changes) {
      const [source, target] = [await written(sampleBytes(64_000_000)), fresh()];
      const work = refusal(() => sealFile(source, target, [recipient], { threads: 0 }));
      // its temporary file shows that it has begun
      while ((await leftovers()).length === 0);
      await change(source);
      expect((await work).code).to.equal("FILE_CHANGED");
      expect(await exists(target)).to.equal(false);
      expect(await leftovers()).to.deep.equal([]);
    }
  }).timeout(30_000);

  for (const threads of [0, 2]) {
    it(`leaves nothing when the caller cancels, with ${threads} threads`, async () => {
      const source = await written(sampleBytes(20_000_000));
      const target = fresh();
      const controller = new AbortController();
      const work = sealFile(source, target, [recipient], { signal: controller.signal, threads });
      setImmediate(() => {
        controller.abort();
      });
      expect((await refusal(() => work)).code).to.equal("CANCELLED");
      expect(await exists(target)).to.equal(false);
      expect(await leftovers()).to.deep.equal([]);
    });
  }

  /** Every way to a file: at once, in threads, and as a stream that is saved. */
  const ways = {
    openFile: (file: string, target: string, fileKey: Uint8Array) =>
      openFile(file, target, { fileKey }, { threads: 0 }),
    "openFile in threads": (file: string, target: string, fileKey: Uint8Array) =>
      openFile(file, target, { fileKey }, { threads: 2 }),
    saveStream: async (file: string, target: string, fileKey: Uint8Array) =>
      saveStream((await open([await readFile(file)], { fileKey })).plaintext, target),
  };

  for (const [name, way] of Object.entries(ways)) {
    it(`never appears with its chunks reordered, repeated or left out (${name})`, async () => {
      const plaintext = sampleBytes(3 * CHUNK_SIZE + 1000);
      const { fileKey, bytes } = await sealBytes(plaintext, [recipient]);
      const start = bytes.length - (3 * SEALED_CHUNK_SIZE + 1016);
      const chunks = [0, 1, 2, 3].map((index) =>
        bytes.subarray(start + index * SEALED_CHUNK_SIZE, start + (index + 1) * SEALED_CHUNK_SIZE),
      );
      // every sequence of up to four of the four chunks, but the one that is right; with threads a sample of them
      const sequences = sequencesOf(4, 4).filter((order) => order.join() !== "0,1,2,3");
      const chosen = sequences.filter((_, index) => name !== "openFile in threads" || index % 31 === 0);
      for (const order of chosen) {
        const parts = order.map((index) => chunks[index] ?? new Uint8Array(0));
        await neverAppears(concat([bytes.subarray(0, start), ...parts]), fileKey, way);
      }
      expect(chosen.length).to.be.greaterThan(10);
      expect(sequences.length).to.equal(340);
      expect(await leftovers()).to.deep.equal([]);
    }).timeout(120_000);

    it(`never appears when it was cut short around a chunk border (${name})`, async () => {
      const { fileKey, bytes } = await sealBytes(sampleBytes(2 * CHUNK_SIZE + 1000), [recipient]);
      const start = bytes.length - (2 * SEALED_CHUNK_SIZE + 1016);
      const borders = [start - 16, start, start + SEALED_CHUNK_SIZE, start + 2 * SEALED_CHUNK_SIZE, bytes.length];
      const cuts = borders.flatMap((border) => [-17, -16, -1, 0, 1, 15, 16, 17].map((shift) => border + shift));
      const chosen = cuts.filter(
        (cut, index) => cut < bytes.length && (name !== "openFile in threads" || index % 4 === 0),
      );
      for (const length of chosen) {
        await neverAppears(bytes.subarray(0, length), fileKey, way);
      }
      expect(await leftovers()).to.deep.equal([]);
    }).timeout(60_000);
  }

  async function neverAppears(
    bytes: Uint8Array,
    fileKey: Uint8Array,
    way: (file: string, target: string, fileKey: Uint8Array) => Promise<unknown>,
  ): Promise<void> {
    const [file, target] = [await written(bytes), fresh()];
    expect((await refusal(() => way(file, target, fileKey))).code).to.equal("SEALED_INVALID");
    expect(await exists(target)).to.equal(false);
    await rm(file);
  }

  async function leftovers(): Promise<string[]> {
    return (await readdir(folder)).filter((name) => name.endsWith(".part"));
  }
});

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Every sequence of 0 to `longest` numbers below `count`. */
function sequencesOf(count: number, longest: number): number[][] {
  const sequences: number[][] = [[]];
  for (let from = 0, length = 1; length <= longest; length++) {
    const to = sequences.length;
    for (; from < to; from++)
      for (let number = 0; number < count; number++) sequences.push([...(sequences[from] ?? []), number]);
  }
  return sequences;
}
