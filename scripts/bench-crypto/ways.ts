/**
 * The ways to spread ChaCha20-Poly1305 over cores, by processor time and by the clock: the table of docs/decisions/0014-threads-for-files.md.
 * Run it on another machine before the choice in src/crypto/files/threads.ts is changed: `npx tsx scripts/bench-crypto/ways.ts`.
 */
import { createCipheriv, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Worker } from "node:worker_threads";

import { newFileKey } from "../../src/crypto/age.js";
import { CHUNK_SIZE, newNonce, SEALED_CHUNK_SIZE } from "../../src/crypto/chunks.js";
import { sealFile } from "../../src/crypto/files/age-file.js";
import { primitives } from "../../src/crypto/primitives/native.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { encryptPayload } from "../../src/crypto/stream.js";
import { tmpfs } from "./age.js";
import { median } from "./group.js";

const MEBIBYTES = 256;
const ROUNDS = 7;
const GROUP = 16;
const piece = randomBytes(GROUP * CHUNK_SIZE);
const key = randomBytes(32);
const nonce = newNonce().subarray(0, 12);
const target = new Uint8Array(GROUP * SEALED_CHUNK_SIZE);

/** The chunks of one piece, each by `seal`. */
function eachChunk<Value>(seal: (plaintext: Uint8Array, target: Uint8Array) => Value): Value[] {
  return Array.from({ length: GROUP }, (_, chunk) =>
    seal(
      piece.subarray(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE),
      target.subarray(chunk * SEALED_CHUNK_SIZE, (chunk + 1) * SEALED_CHUNK_SIZE),
    ),
  );
}

function keyAsBytes(): void {
  for (let done = 0; done < MEBIBYTES; done++)
    eachChunk((plaintext, to) => {
      const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
      to.set(cipher.update(plaintext));
      cipher.final();
      to.set(cipher.getAuthTag(), plaintext.length);
    });
}

function ours(): void {
  const cipher = primitives.cipher(key);
  for (let done = 0; done < MEBIBYTES; done++)
    eachChunk((plaintext, to) => {
      cipher.seal(nonce, plaintext, to);
    });
}

async function ourStream(): Promise<void> {
  let sealed = 0;
  function* source(): Generator<Uint8Array> {
    for (let done = 0; done < MEBIBYTES; done++) yield piece;
  }
  for await (const bytes of encryptPayload(newFileKey(), source())) sealed += bytes.length;
  if (sealed < MEBIBYTES * 2 ** 20) throw new Error(`Only ${sealed} bytes came out`);
}

/** Two pieces of 16 chunks in flight. */
async function threadPool(): Promise<void> {
  const algorithm = "ChaCha20-Poly1305";
  const imported = await crypto.subtle.importKey("raw-secret", key, algorithm, false, ["encrypt"]);
  const turn = async (): Promise<unknown> =>
    Promise.all(
      eachChunk(async (plaintext, to) => {
        const sealed = await crypto.subtle.encrypt(
          { name: algorithm, iv: nonce, tagLength: 128 },
          imported,
          new Uint8Array(plaintext),
        );
        to.set(new Uint8Array(sealed));
      }),
    );
  let before = turn();
  for (let done = 1; done < MEBIBYTES; done++) {
    const next = turn();
    await before;
    before = next;
  }
  await before;
}

const passing = `
const { createCipheriv, createSecretKey } = require("node:crypto");
const { parentPort, workerData: { shared, bytes, nonce } } = require("node:worker_threads");
const key = createSecretKey(bytes);
parentPort.on("message", (slot) => {
  const plaintext = new Uint8Array(shared, slot * 2200000, 16 * 65536);
  const sealed = new Uint8Array(shared, slot * 2200000 + 16 * 65536, 16 * 65552);
  for (let chunk = 0; chunk < 16; chunk++) {
    const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
    const made = cipher.update(plaintext.subarray(chunk * 65536, (chunk + 1) * 65536));
    sealed.set(made, chunk * 65552);
    made.buffer.transfer(0);
    cipher.final();
    sealed.set(cipher.getAuthTag(), chunk * 65552 + 65536);
  }
  parentPort.postMessage(slot);
});`;

/** A worker gets pieces through shared memory, four in flight, and gives them back so; the caller gets arrays of its own. */
async function passingWorker(): Promise<void> {
  const shared = new SharedArrayBuffer(4 * 2_200_000);
  const worker = new Worker(passing, { eval: true, workerData: { shared, bytes: key, nonce } });
  const ready: (() => void)[] = [];
  worker.on("message", (slot: number) => ready[slot]?.());
  const flights: Promise<Uint8Array>[] = [];
  for (let done = 0; done < MEBIBYTES; done++) {
    const slot = done % 4;
    if (done >= 4) await flights.shift();
    new Uint8Array(shared, slot * 2_200_000, piece.length).set(piece);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    ready[slot] = () => {
      resolve(undefined);
    };
    worker.postMessage(slot);
    flights.push(promise.then(() => new Uint8Array(shared, slot * 2_200_000 + piece.length, target.length).slice()));
  }
  await Promise.all(flights);
  await worker.terminate();
}

const folder = await mkdtemp(path.join(await tmpfs(), "carekey-ways-"));
const recipients = [await recipientOf(await generateIdentity())];
await writeFile(path.join(folder, "plain"), new Uint8Array(MEBIBYTES * 1024 * 1024).fill(7));
const files = (threads: number) => async (): Promise<void> => {
  await sealFile(path.join(folder, "plain"), path.join(folder, "sealed"), recipients, { threads });
  await rm(path.join(folder, "sealed"));
};

const ways: Record<string, () => void | Promise<void>> = {
  "createCipheriv, key as bytes": keyAsBytes,
  "primitives.cipher: KeyObject, memory given back": ours,
  "encryptPayload: the same, as a stream": ourStream,
  "crypto.subtle, 32 chunks in flight": threadPool,
  "worker thread, bytes through shared memory": passingWorker,
  "sealFile without threads: with reading and writing": files(0),
  "sealFile with two threads: with reading and writing": files(2),
};

const taken = new Map<string, { cpu: number[]; clock: number[] }>();
for (let round = 0; round < ROUNDS; round++)
  for (const [name, way] of Object.entries(ways)) {
    const before = process.cpuUsage();
    const begin = performance.now();
    await way();
    const { user, system } = process.cpuUsage(before);
    const all = taken.get(name) ?? { cpu: [], clock: [] };
    all.cpu.push((user + system) / 1e6);
    all.clock.push((performance.now() - begin) / 1000);
    taken.set(name, all);
  }
await rm(folder, { recursive: true });
console.table(
  Object.fromEntries(
    [...taken].map(([name, { cpu, clock }]) => [
      name,
      {
        "processor s": median(cpu).toFixed(2),
        "least processor s": Math.min(...cpu).toFixed(2),
        "clock s": median(clock).toFixed(2),
      },
    ]),
  ),
);
