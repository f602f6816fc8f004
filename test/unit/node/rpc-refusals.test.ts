import { encode } from "@ipld/dag-cbor";
import { expect } from "chai";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";
import { concat } from "../../../src/bytes.js";
import { CareKeyError } from "../../../src/errors.js";
import type { GuardedStore } from "../../../src/node/guarded-store.js";
import { guardedStore } from "../../helpers/guarded.js";
import { rpcListener } from "../../../src/node/rpc/listener.js";
import { carOf } from "../../../src/storage/kubo-car.js";
import { memoryStore } from "../../../src/storage/memory.js";
import { type Block, MAX_BLOCK } from "../../../src/storage/types.js";
import { writeVarint } from "../../../src/storage/unixfs/varint.js";
import { sampleBlocks } from "../../helpers/block-store-suite.js";
import { headers, listen, type Listening, send, startRpc, upload } from "../../helpers/rpc-node.js";

describe("RPC of the storage node refuses", () => {
  let store: GuardedStore;
  let node: Listening;
  let block: Block;
  let absent: string;

  beforeEach(async () => {
    store = guardedStore(memoryStore());
    node = await startRpc(store);
    const [one, two] = await sampleBlocks(2);
    block = one!;
    absent = two!.cid.toString();
    await store.put(block);
  });
  afterEach(async () => {
    const { blocks } = await store.usage();
    await node.close();
    expect(blocks, "blocks that a refused call left").to.equal(1);
  });

  const expectRefusal = async (status: number, path: string, request = {}) => {
    const answer = await send(node, `/api/v0/${path}`, request);
    expect(answer.status, `${path}: ${answer.text}`).to.equal(status);
    expect(answer.headers["content-type"]).to.equal("application/json");
    expect(answer.message, answer.text).to.be.a("string");
  };

  describe("whoever may not", () => {
    it("calls without the right token", async () => {
      for (const authorization of [undefined, "", "Bearer", "Bearer wrong", headers.authorization.toLowerCase()]) {
        for (const path of ["version", "pin/ls", `block/rm?arg=${block.cid.toString()}`, "nosuch"]) {
          const sent = authorization === undefined ? {} : { authorization };
          const answer = await send(node, `/api/v0/${path}`, { headers: sent });
          expect([answer.status, answer.text]).to.deep.equal([401, "401 Unauthorized\n"]);
          expect(answer.headers["www-authenticate"]).to.equal("Bearer");
        }
      }
    });

    it("calls with a token of too little scope", async () => {
      const authorise = () => Promise.reject(new CareKeyError("INVALID_ARGUMENT", "Too little", { status: 403 }));
      const strict = await listen(rpcListener(store, { authorise }));
      const answer = await send(strict, "/api/v0/version");
      await strict.close();
      expect([answer.status, answer.text]).to.deep.equal([403, "403 - Forbidden\n"]);
    });

    it("calls from pages in browsers, also those that got hold of a token", async () => {
      for (const trace of [
        { origin: "http://127.0.0.1:5001" },
        { origin: "null" },
        { referer: "https://elsewhere.example/" },
        { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" },
      ]) {
        const answer = await send(node, "/api/v0/version", { headers: { ...headers, ...trace } });
        expect([answer.status, answer.text]).to.deep.equal([403, "403 - Forbidden\n"]);
      }
    });
  });

  describe("what is no call", () => {
    it("other methods than POST", async () => {
      for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
        const answer = await send(node, "/api/v0/version", { method });
        expect(answer.status).to.equal(405);
        expect(answer.headers.allow).to.equal("POST");
      }
    });

    it("commands that are not there, and other ways to write those that are", async () => {
      for (const path of [
        "/",
        "/api/v0/",
        "/api/v0/nosuch",
        "/api/v0/shutdown",
        "/api/v0/config",
        "/api/v0/constructor",
        "/api/v0/__proto__",
        "/api/v1/version",
        "/api/v0/version/",
        "/api/v0//version",
        "/api/v0/../v0/version",
        "/api/v0/pin%2Fls",
        "/version",
        "//elsewhere.example/api/v0/version",
      ]) {
        const answer = await send(node, path);
        expect([answer.status, answer.text], path).to.deep.equal([404, "404 page not found\n"]);
      }
    });
  });

  describe("arguments", () => {
    const strange = (): string[] => {
      const { digest } = block.cid.multihash;
      return [
        "",
        "zzz",
        "..",
        "/ipfs/",
        "/ipns/localhost",
        `/ipfs/${block.cid.toString()}/..`,
        `${block.cid.toString()}/name`,
        `${block.cid.toString()}%00`,
        CID.createV0(Digest.create(0x12, digest)).toString(),
        CID.createV1(0x71, Digest.create(0x12, digest)).toString(),
        CID.createV1(0x55, Digest.create(0x16, digest)).toString(),
        CID.createV1(0x55, Digest.create(0x00, digest)).toString(),
        CID.createV1(0x55, Digest.create(0x12, digest.slice(0, 20))).toString(),
      ];
    };

    for (const path of [
      "block/get",
      "block/stat",
      "block/rm",
      "cat",
      "dag/export",
      "files/stat",
      "pin/add",
      "pin/rm",
    ]) {
      it(`${path} without a CID that CareKey stores`, async () => {
        await expectRefusal(400, path);
        for (const arg of strange()) await expectRefusal(400, `${path}?arg=${encodeURIComponent(arg)}`);
        await expectRefusal(400, `${path}?arg=${absent}&arg=zzz`);
      });
    }

    it("values that an argument can't have", async () => {
      const cid = block.cid.toString();
      for (const path of [
        `block/get?arg=${cid}&timeout=soon`,
        `block/get?arg=${cid}&timeout=-1s`,
        `block/get?arg=${cid}&offline=perhaps`,
        `block/rm?arg=${cid}&force=perhaps`,
        `cat?arg=${cid}&offset=-1`,
        `cat?arg=${cid}&offset=1e3`,
        `cat?arg=${cid}&length=0x10`,
        `cat?arg=${cid}&length=99999999999999999999`,
        `pin/add?arg=${cid}&recursive=false`,
        `pin/rm?arg=${cid}&recursive=false`,
        "pin/ls?type=some",
        "pin/ls?arg=zzz",
      ]) {
        await expectRefusal(400, path);
      }
    });

    it("options that would give other CIDs or keep more than plain files", async () => {
      for (const option of [
        "cid-version=0",
        "raw-leaves=false",
        "hash=sha2-512",
        "trickle=true",
        "inline=true",
        "nocopy=true",
        "wrap-with-directory=true",
        "preserve-mode=true",
        "preserve-mtime=true",
        "mode=0644",
        "mtime=1",
        "chunker=rabin",
        "chunker=buzhash",
        "chunker=size-0",
        "chunker=size-2097153",
        "chunker=size-1e3",
      ]) {
        await expectRefusal(400, `add?${option}`, upload({ body: "file" }));
      }
      for (const option of ["mhtype=sha2-512", "mhlen=20", "cid-codec=dag-cbor", "format=v0", "allow-big-block=true"]) {
        await expectRefusal(400, `block/put?${option}`, upload({ body: "block" }));
      }
    });
  });

  describe("uploads", () => {
    for (const path of ["add", "block/put", "dag/import"]) {
      it(`to ${path} that are not multipart, or nested, or not whole`, async () => {
        const whole = upload({ body: "file" });
        const text = whole.body.toString();
        for (const type of [
          undefined,
          "text/plain",
          "multipart/mixed; boundary=x",
          "multipart/form-data",
          "multipart/form-data; boundary=",
        ]) {
          await expectRefusal(400, path, { ...whole, headers: type ? { ...headers, "content-type": type } : headers });
        }
        for (const cut of [0, 10, 40, 100, text.length - 40, text.length - 5]) {
          await expectRefusal(400, path, { ...whole, body: text.slice(0, cut) });
        }
        await expectRefusal(400, path, upload());
        const nested = 'Content-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=x';
        await expectRefusal(400, path, upload({ header: nested, body: "--x\r\n\r\nfile\r\n--x--\r\n" }));
        await expectRefusal(400, path, upload({ header: 'Content-Disposition: form-data; filename="%ff"', body: "" }));
      });
    }

    it("of directories and links", async () => {
      const header = (disposition: string, type = "application/octet-stream") =>
        `Content-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}`;
      for (const one of [
        header('name="dir"; filename="a"', "application/x-directory"),
        header('name="file"; filename="a"', "application/x-symlink"),
        header('name="file"; filename="a%2Fb"'),
      ]) {
        await expectRefusal(400, "add", upload({ header: one, body: "file" }));
      }
    });

    it("of which a later part is wrong, and keeps nothing of those before", async () => {
      const long = { body: new Uint8Array(MAX_BLOCK + 1) };
      await expectRefusal(400, "block/put", upload({ body: "one" }, { body: "two" }, long));
      await expectRefusal(400, "block/put?pin=false", long.body.length ? upload(long) : {});
      const good = { body: carOf(await sampleBlocks(3)) };
      await expectRefusal(400, "dag/import?pin-roots=false", upload(good, { body: good.body.subarray(0, -1) }));
      expect(await store.has(block.cid)).to.equal(true);
    });
  });

  describe("CARs", () => {
    const varint = (value: number) => {
      const bytes: number[] = [];
      writeVarint(bytes, value);
      return Uint8Array.from(bytes);
    };
    const section = (...pieces: readonly Uint8Array[]) => {
      const all = concat(pieces);
      return concat([varint(all.length), all]);
    };
    const header = (value: unknown) => section(encode(value));
    const start = header({ version: 1, roots: [] });
    const foreign = CID.createV1(0x55, Digest.create(0x16, new Uint8Array(32)));
    const old = CID.createV0(Digest.create(0x12, new Uint8Array(32)));

    for (const [what, car] of [
      ["nothing", () => new Uint8Array()],
      ["no header", () => varint(0)],
      ["a header longer than any", () => concat([varint(2 ** 30), new Uint8Array(100)])],
      ["a header that is not DAG-CBOR", () => section(Uint8Array.of(0xff, 0xff))],
      ["a header that is no map", () => header([1])],
      ["version 2", () => header({ version: 2 })],
      ["roots that are none", () => header({ version: 1, roots: ["bafk"] })],
      ["roots that are no list", () => header({ version: 1, roots: 5 })],
      ["a root of version 0", () => header({ version: 1, roots: [old] })],
      ["a root of another hash", () => header({ version: 1, roots: [foreign] })],
      ["a length that has no end", () => concat([start, new Uint8Array(20).fill(0xff)])],
      ["a length that is cut short", () => concat([start, Uint8Array.of(0x80)])],
      ["a block longer than any", () => concat([start, varint(2 ** 34), block.cid.bytes])],
      ["a block past 2 MiB", () => concat([start, section(block.cid.bytes, new Uint8Array(MAX_BLOCK + 1))])],
      ["a block that is cut short", () => carOf([block]).subarray(0, -1)],
      ["a block without a CID", () => concat([start, section(Uint8Array.of(1))])],
      ["an empty block section", () => concat([start, varint(0)])],
      ["a block of another hash", () => concat([start, section(foreign.bytes, new Uint8Array(5))])],
      ["a block of version 0", () => concat([start, section(old.bytes, new Uint8Array(5))])],
      ["a block of other bytes", () => concat([start, section(block.cid.bytes, new Uint8Array(100))])],
    ] as const) {
      it(`with ${what}`, async () => {
        for (const query of ["", "?pin-roots=false", "?stats=true"]) {
          await expectRefusal(400, `dag/import${query}`, upload({ body: car() }));
        }
      });
    }
  });
});
