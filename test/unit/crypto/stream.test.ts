import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { concat } from "../../../src/bytes.js";
import { CHUNK_SIZE, sealedSize, SEALED_CHUNK_SIZE as SEALED_CHUNK } from "../../../src/crypto/chunks.js";
import { decryptPayload, encryptPayload } from "../../../src/crypto/stream.js";
import { all, inPieces, refusal, sampleBytes, same } from "../../helpers/age-files.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const MIB = 1024 * 1024;
const fileKey = sampleBytes(16);

async function encrypt(plaintext: Uint8Array): Promise<Uint8Array> {
  return all(encryptPayload(fileKey, [plaintext]));
}

/** Everything that came out before the end or the refusal. */
async function released(payload: Uint8Array): Promise<{ plaintext: Uint8Array; refused: unknown }> {
  const chunks: Uint8Array[] = [];
  const { reason } = await refusal(async () => {
    for await (const chunk of decryptPayload(fileKey, [payload])) chunks.push(chunk);
  });
  return { plaintext: concat(chunks), refused: reason };
}

/** The parts of a payload: nonce and chunks. */
function cut(payload: Uint8Array): { nonce: Uint8Array; chunks: Uint8Array[] } {
  const chunks: Uint8Array[] = [];
  for (let at = 16; at < payload.length; at += SEALED_CHUNK) chunks.push(payload.subarray(at, at + SEALED_CHUNK));
  return { nonce: payload.subarray(0, 16), chunks };
}

describe("The payload of an age file", () => {
  for (const size of [0, 1, 65535, 65536, 65537, 131072, MIB - 1, MIB, MIB + 1, 2 * MIB, 5_000_000]) {
    it(`comes back whole at ${size} bytes, as long as sealedSize says`, async () => {
      const plaintext = sampleBytes(size);
      const payload = await all(encryptPayload(fileKey, inPieces(plaintext, 70_001)));
      expect(payload.length).to.equal(sealedSize(size, 0));
      expect(same(await all(decryptPayload(fileKey, inPieces(payload, 65_536))), plaintext)).to.equal(true);
    });
  }

  it("adds the header's length to the size", () => {
    expect(sealedSize(0, 0)).to.equal(32);
    expect(sealedSize(65_537, 1000)).to.equal(1000 + 16 + 65_537 + 2 * 16);
  });

  it("has a fresh nonce each time", async () => {
    const [first, second] = [await encrypt(sampleBytes(100)), await encrypt(sampleBytes(100))];
    expect(same(first.subarray(0, 16), second.subarray(0, 16))).to.equal(false);
    expect(same(first.subarray(16), second.subarray(16))).to.equal(false);
  });

  it("leaves in arrays that share no memory, from a source that reuses its own", async () => {
    const plaintext = sampleBytes(3 * MIB + 5);
    const buffer = new Uint8Array(50_000);
    async function* reusing(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(plaintext, buffer.length)) {
        buffer.set(piece);
        yield buffer.subarray(0, piece.length);
        buffer.fill(0xff);
      }
    }
    const sealed: Uint8Array[] = [];
    for await (const bytes of encryptPayload(fileKey, reusing())) sealed.push(bytes);
    const opened: Uint8Array[] = [];
    for await (const bytes of decryptPayload(fileKey, sealed)) opened.push(bytes);
    expect(same(concat(opened), plaintext)).to.equal(true);
    for (const list of [sealed, opened])
      expect(new Set(list.map(({ buffer: memory }) => memory)).size).to.equal(list.length);
  });

  it("leaves in pieces of about 1 MiB", async () => {
    const sizes: number[] = [];
    for await (const bytes of encryptPayload(fileKey, inPieces(sampleBytes(3 * MIB), 1000))) sizes.push(bytes.length);
    expect(sizes).to.deep.equal([16, 16 * SEALED_CHUNK, 16 * SEALED_CHUNK, 16 * SEALED_CHUNK]);
  });

  it("is refused when it was cut short anywhere around a chunk border", async () => {
    const payload = await encrypt(sampleBytes(2 * CHUNK_SIZE + 1000));
    const borders = [16, 16 + SEALED_CHUNK, 16 + 2 * SEALED_CHUNK, payload.length];
    const lengths = borders.flatMap((border) => [-17, -16, -15, -1, 0, 1, 15, 16, 17].map((shift) => border + shift));
    const cuts = [...new Set(lengths)].filter((length) => length >= 0 && length < payload.length);
    for (const length of cuts) {
      expect((await refusal(() => all(decryptPayload(fileKey, [payload.subarray(0, length)])))).code).to.equal(
        "SEALED_INVALID",
      );
    }
    expect(cuts.length).to.equal(30);
  });

  it("of several chunks is refused with a byte of any block of 64 altered, and cut short all along", async () => {
    const payload = await encrypt(sampleBytes(2 * CHUNK_SIZE + 1000));
    let refusals = 0;
    const check = async (damaged: Uint8Array): Promise<void> => {
      const { plaintext, refused } = await released(damaged);
      expect(refused).to.be.oneOf(["payload-chunk", "payload-cut"]);
      // the three chunks lie in one group, which leaves as a whole or not at all
      expect(plaintext.length).to.equal(0);
      refusals += 1;
    };
    const blocks = Math.ceil(payload.length / 64);
    for (let block = 0; block < blocks; block++) {
      // another byte of the block, and another bit, each time
      const at = Math.min(block * 64 + (block % 64), payload.length - 1);
      const bit = 1 << (block % 8);
      payload[at] = (payload[at] ?? 0) ^ bit;
      await check(payload);
      payload[at] ^= bit;
      if (block % 16 === 0) await check(payload.subarray(0, block * 64 + (block % 17)));
    }
    expect(refusals).to.equal(blocks + Math.ceil(blocks / 16));
  }).timeout(60_000);

  it("is refused with its chunks swapped, repeated or left out", async () => {
    const { nonce, chunks } = cut(await encrypt(sampleBytes(2 * CHUNK_SIZE + 1000)));
    const [first, second, last] = chunks as [Uint8Array, Uint8Array, Uint8Array];
    const orders = [
      [second, first, last],
      [first, last, second],
      [first, first, second, last],
      [first, last],
      [second, last],
      [last],
      [first, second, last, last],
    ];
    for (const order of orders) {
      expect((await released(concat([nonce, ...order]))).refused).to.equal("payload-chunk");
    }
  });

  it("is refused with anything behind it", async () => {
    for (const size of [0, 1000, CHUNK_SIZE, CHUNK_SIZE + 1]) {
      const payload = await encrypt(sampleBytes(size));
      for (const more of [1, 16, 17, SEALED_CHUNK, SEALED_CHUNK + 1]) {
        const appended = concat([payload, new Uint8Array(more)]);
        expect((await released(appended)).refused).to.equal("payload-chunk");
      }
      expect((await released(concat([payload, payload]))).refused).to.equal("payload-chunk");
    }
  });

  it("is refused under another file key", async () => {
    const payload = await encrypt(sampleBytes(10));
    const other = sampleBytes(17).subarray(1);
    expect((await refusal(() => all(decryptPayload(other, [payload])))).reason).to.equal("payload-chunk");
  });

  it("releases nothing of the chunk that does not authenticate, nor anything after", async () => {
    const plaintext = sampleBytes(40 * CHUNK_SIZE);
    const payload = await encrypt(plaintext);
    const broken = 16 + 20 * SEALED_CHUNK + 5;
    payload[broken] = (payload[broken] ?? 0) ^ 1;
    const { plaintext: out, refused } = await released(payload);
    expect(refused).to.equal("payload-chunk");
    expect(out.length).to.equal(16 * CHUNK_SIZE);
    expect(same(out, plaintext.subarray(0, out.length))).to.equal(true);
  });

  it("takes a file key of 16 bytes only", async () => {
    for (const size of [0, 15, 17, 32]) {
      const key = new Uint8Array(size);
      expect((await refusal(() => all(encryptPayload(key, [])))).code).to.equal("INVALID_ARGUMENT");
      expect((await refusal(() => all(decryptPayload(key, [])))).code).to.equal("INVALID_ARGUMENT");
    }
  });

  for (const [name, transform] of [
    ["sealing", encryptPayload],
    ["opening", decryptPayload],
  ] as const) {
    it(`stops ${name} when the caller cancels, and closes the source`, async () => {
      const payload = await encrypt(sampleBytes(8 * MIB));
      let pieces = 0;
      let closed = false;
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          for await (const piece of inPieces(payload, 65_536)) {
            pieces += 1;
            yield piece;
          }
        } finally {
          closed = true;
        }
      }
      const controller = new AbortController();
      const { code } = await refusal(async () => {
        for await (const bytes of transform(fileKey, source(), { signal: controller.signal })) {
          if (bytes.length > 16) controller.abort();
        }
      });
      expect(code).to.equal("CANCELLED");
      expect(pieces).to.be.lessThan(20);
      expect(closed).to.equal(true);
    });
  }

  it("passes an error of its source on unchanged", async () => {
    const trouble = new Error("disk");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* inPieces(sampleBytes(100), 10);
      throw trouble;
    }
    for (const transform of [encryptPayload, decryptPayload]) {
      const seen: unknown = await all(transform(fileKey, failing())).catch((error: unknown) => error);
      expect(seen).to.equal(trouble);
    }
  });

  it("streams 128 MiB there and back in constant memory", async () => {
    const total = 128 * MIB;
    const piece = sampleBytes(MIB);
    function* source(): Generator<Uint8Array> {
      for (let sent = 0; sent < total; sent += piece.length) yield piece;
    }
    collectGarbage();
    const before = process.memoryUsage();
    let [length, arrays, resident] = [0, 0, 0];
    for await (const bytes of decryptPayload(fileKey, encryptPayload(fileKey, source()))) {
      length += bytes.length;
      if (length % (8 * MIB) !== 0) continue;
      // else the figures tell when the collector happened to run
      collectGarbage();
      const now = process.memoryUsage();
      arrays = Math.max(arrays, now.arrayBuffers - before.arrayBuffers);
      resident = Math.max(resident, now.rss - before.rss);
    }
    expect(length).to.equal(total);
    expect(arrays).to.be.lessThan(64 * MIB);
    expect(resident).to.be.lessThan(64 * MIB);
  }).timeout(20_000);
});
