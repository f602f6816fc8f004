// The smallest program that shares or opens one file of a record with what `npm run build` made, and the same without encryption. It is bundled
// before it is measured.
//   node program.mjs share FILE STORE RECIPIENT | keep FILE STORE | open STORE PART [OUT] | helia STORE CID | pool LOCATED
// Prints JSON: what it made, the seconds of the work alone, and the most memory that it held, in MiB.
import { readFileSync } from "node:fs";

import { CID } from "multiformats/cid";

import { openHashed } from "../../dist/crypto/files/hashed-stream.js";
import { saveStream } from "../../dist/record/save.js";
import { sealPart } from "../../dist/record/seal-part.js";
import { fileSource } from "../../dist/record/source.js";
import { fsStore } from "../../dist/storage/fs.js";
import { importFile } from "../../dist/storage/unixfs/import.js";
import { readFile } from "../../dist/storage/unixfs/read.js";

const deeds = {
  share: async (file, directory, recipient) => {
    const store = await fsStore(directory);
    const { location, body } = await sealPart(await fileSource(file), 0, [recipient], store);
    await store.pin(location.cid);
    const { size, sha256 } = body;
    const part = { cid: location.cid.toString(), key: Buffer.from(location.key).toString("hex"), size, sha256 };
    return { part: Buffer.from(JSON.stringify(part)).toString("base64url") };
  },
  keep: async (file, directory) => {
    const store = await fsStore(directory);
    const { cid } = await importFile((await fileSource(file)).stream(), store);
    await store.pin(cid);
    return { cid: cid.toString() };
  },
  open: async (directory, sealed, out) => {
    const { cid, key, ...body } = JSON.parse(Buffer.from(sealed, "base64url"));
    const location = { cid: CID.parse(cid), key: Uint8Array.from(Buffer.from(key, "hex")) };
    const stream = checked(location, body, await fsStore(directory));
    if (out === undefined) return { size: await consume(stream) };
    await saveStream(stream, out);
    return { size: body.size };
  },
  helia: async (directory, cid) => {
    const [{ unixfs }, { FsBlockstore }] = await Promise.all([import("@helia/unixfs"), import("blockstore-fs")]);
    const blockstore = new FsBlockstore(directory);
    await blockstore.open();
    return { size: await consume(unixfs({ blockstore }).cat(CID.parse(cid))) };
  },
  pool: async (located) => {
    const [{ nodePool }, { httpStore }] = await Promise.all([
      import("../../dist/storage/pool/pool.js"),
      import("../../dist/storage/http.js"),
    ]);
    const { urls, cid, parity } = JSON.parse(Buffer.from(located, "base64url"));
    const nodes = urls.map((url, index) => ({
      name: `node-${index}`,
      operator: `operator-${index}`,
      store: httpStore(url),
    }));
    const pool = nodePool(nodes, { policy: { kind: "fragments", data: 10, parity: 4 } });
    const location = { cid: CID.parse(cid), parity: { ...parity, cid: CID.parse(parity.cid) } };
    return { size: await consume(pool.readFile(location)) };
  },
};

/** What the SDK does for a part: see src/record/open.ts, which would bring all of the SDK along. */
async function* checked({ cid, key }, { size, sha256 }, store) {
  const { plaintext, plaintextHash } = await openHashed(readFile(cid, store), { fileKey: key }, { size });
  yield* plaintext;
  if (`0x${Buffer.from(plaintextHash()).toString("hex")}` !== sha256)
    throw new Error(`not the file of ${size} bytes that was shared`);
}

async function consume(stream) {
  let size = 0;
  for await (const chunk of stream) size += chunk.length;
  return size;
}

const [, , deed, ...args] = process.argv;
const begin = performance.now();
const made = await deeds[deed](...args);
const seconds = (performance.now() - begin) / 1000;
// what the system counts for a process begins with its parent's
const rssMiB = Math.ceil(Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024);
process.stdout.write(JSON.stringify({ ...made, seconds, rssMiB }));
