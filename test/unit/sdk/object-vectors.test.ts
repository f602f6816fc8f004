import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

import * as dagCbor from "@ipld/dag-cbor";
import { expect } from "chai";
import { AbiCoder, SigningKey, computeAddress, concat, getBytes, hexlify, keccak256, toUtf8Bytes } from "ethers";
import { CID } from "multiformats/cid";

import type { Chain } from "../../../src/chain/connection.js";
import { sealBytes } from "../../../src/crypto/age.js";
import { recipientOf } from "../../../src/crypto/recipients.js";
import { stampDigest, stampDomain, verifySeries } from "../../../src/crypto/stamp.js";
import { type ErrorCode, isCareKeyError } from "../../../src/errors.js";
import { recordIdOfBody } from "../../../src/record/body.js";
import { openCapsule } from "../../../src/record/capsule.js";
import { openManifest } from "../../../src/record/manifest.js";
import { identityOf } from "../../vectors/generate.js";
import { files } from "../../vectors/objects.js";
import { type ObjectVector, type StampVector, chain, patient, reader } from "../../vectors/shared.js";

type Map = Record<string, unknown>;
type Rule = (value: unknown) => boolean;

const read = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(new URL(`../../vectors/${name}`, import.meta.url), "utf8")) as T;
const sha256 = (bytes: Uint8Array): string => hexlify(createHash("sha256").update(bytes).digest());

/* docs/format.md, §3, §8 and §9, as rules of its own: nothing of src/ */

const integer: Rule = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const one: Rule = (value) => value === 1;
const bytes =
  (length?: number): Rule =>
  (value) =>
    value instanceof Uint8Array && (length === undefined || value.length === length);
const text =
  (longest: number): Rule =>
  (value) =>
    typeof value === "string" && value !== "" && new TextEncoder().encode(value).length <= longest;
const list =
  (rule: Rule, least = 0, most = Infinity): Rule =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(rule);
const map =
  (rules: Record<string, Rule>): Rule =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(rules).every(
      ([key, rule]) => (Object.hasOwn(value, key) || key === "under") && rule((value as Map)[key]),
    );
const fileName: Rule = (value) =>
  text(255)(value) && !/[/\\\u0000-\u001f\u007f-\u009f]/.test(value as string) && value !== "." && value !== "..";

const part = map({ name: fileName, mediaType: text(127), size: integer, sha256: bytes(32) });
const place = { chainId: integer, registry: bytes(20), patient: bytes(20) };
const bodyRule = map({
  ...{ version: one, ...place, compartment: bytes(32), salt: bytes(32), description: text(1024 * 1024) },
  ...{ parts: list(part, 1, 4096), previous: (value) => value === null || bytes(32)(value) },
});
const stampRule = map({
  ...{ signer: bytes(20), role: bytes(32), statement: text(64), previous: bytes(32) },
  ...{ issuedAt: (value) => integer(value) && (value as number) < 2 ** 48, signature: bytes(65) },
});
const manifestRule = map({
  ...{ version: one, body: bytes() },
  parts: list(map({ cid: (value) => CID.asCID(value) !== null, key: bytes(16) })),
  stamps: list(stampRule, 0, 64),
});
const capsuleRule = map({
  ...{ version: one, ...place },
  grantees: list(map({ address: bytes(20), keyVersion: (value) => integer(value) && (value as number) >= 1 }), 1, 14),
  compartments: list(map({ label: bytes(32), name: text(255) })),
  records: list(
    map({
      compartment: bytes(32),
      content: bytes(32),
      key: bytes(16),
      under: (id) => id === undefined || bytes(32)(id),
    }),
  ),
});

function decoded(encoded: Uint8Array, rule: Rule): Map | undefined {
  try {
    const value: unknown = dagCbor.decode(encoded);
    return rule(value) ? (value as Map) : undefined;
  } catch {
    return undefined;
  }
}

function judgeManifest(encoded: Uint8Array): Omit<ObjectVector, "name" | "bytes"> {
  const manifest = decoded(encoded, manifestRule);
  const body = manifest && decoded(manifest.body as Uint8Array, bodyRule);
  const count = (object: Map, key: string): number => (object[key] as unknown[]).length;
  if (!manifest || !body || count(manifest, "parts") !== count(body, "parts")) return { error: "RECORD_INVALID" };
  if (count(manifest, "stamps") === 0) return { error: "STAMP_MISSING" };
  const content = sha256(manifest.body as Uint8Array);
  const word = concat([new Uint8Array(12), body.patient as Uint8Array]);
  const id = getBytes(keccak256(concat([word, body.compartment as Uint8Array, content])));
  id[0]! |= 0x80;
  return { content, recordId: hexlify(id) };
}

function judgeCapsule(encoded: Uint8Array): ErrorCode | undefined {
  const capsule = decoded(encoded, capsuleRule);
  if (!capsule) return "RECORD_INVALID";
  const grantees = capsule.grantees as { address: Uint8Array; keyVersion: number }[];
  const mine = grantees.find(({ address }) => hexlify(address) === reader.address.toLowerCase());
  const fits =
    capsule.chainId === chain.chainId &&
    hexlify(capsule.registry as Uint8Array) === chain.registry.toLowerCase() &&
    hexlify(capsule.patient as Uint8Array) === patient.toLowerCase() &&
    mine !== undefined &&
    mine.keyVersion <= reader.keyVersion;
  return fits ? undefined : "RECORD_MISMATCH";
}

/** §5: digests with hashes alone, signatures with the curve alone. */
function judgeSeries(series: StampVector["series"]): Pick<StampVector, "digests" | "error" | "index"> {
  const encode = (types: string[], values: unknown[]): string => AbiCoder.defaultAbiCoder().encode(types, values);
  const hash = (value: string): string => keccak256(toUtf8Bytes(value));
  const domain = keccak256(
    encode(
      ["bytes32", "bytes32", "bytes32", "uint256", "address"],
      [
        hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
        ...[hash("CareKey RecordRegistry"), hash("1"), chain.chainId, chain.registry],
      ],
    ),
  );
  const type =
    "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)";
  const digests = series.map((stamp) => {
    const { compartment, content, role, statement, previous, issuedAt } = stamp;
    const fields = [compartment, content, role, hash(statement), previous, issuedAt];
    const struct = encode(
      ["bytes32", "address", "bytes32", "bytes32", "bytes32", "bytes32", "bytes32", "uint48"],
      [hash(type), stamp.patient, ...fields],
    );
    return keccak256(concat(["0x1901", domain, keccak256(struct)]));
  });
  if (series.length === 0) return { digests, error: "STAMP_MISSING" };
  const half = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
  const index = series.findIndex(({ signature, signer, previous }, position) => {
    const raw = getBytes(signature);
    const [v, s] = [raw[64], BigInt(hexlify(raw.slice(32, 64)))];
    if (previous !== (digests[position - 1] ?? `0x${"00".repeat(32)}`)) return true;
    if ((v !== 27 && v !== 28) || s > half) return true;
    try {
      return computeAddress(SigningKey.recoverPublicKey(digests[position]!, signature)) !== signer;
    } catch {
      return true;
    }
  });
  return index < 0 ? { digests } : { digests, error: "STAMP_INVALID", index };
}

async function codeOf(work: () => unknown): Promise<ErrorCode | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (isCareKeyError(error)) return error.code;
    throw error;
  }
}

describe("the published vectors of objects", () => {
  let manifests: ObjectVector[];
  let capsules: ObjectVector[];
  let stamps: StampVector[];

  before(async () => {
    [manifests, capsules, stamps] = await Promise.all([
      read<{ vectors: ObjectVector[] }>("manifests.json").then(({ vectors }) => vectors),
      read<{ vectors: ObjectVector[] }>("capsules.json").then(({ vectors }) => vectors),
      read<{ vectors: StampVector[] }>("stamps.json").then(({ vectors }) => vectors),
    ]);
  });

  it("are 500 and more, each with a name of its own", () => {
    for (const vectors of [manifests, capsules, stamps])
      expect(new Set(vectors.map(({ name }) => name)).size).to.equal(vectors.length);
    expect(manifests.length + capsules.length + stamps.length).to.be.at.least(500);
  });

  it("of manifests are what docs/format.md says of them", () => {
    for (const { name, bytes: encoded, ...expected } of manifests)
      expect(judgeManifest(getBytes(encoded)), name).to.deep.equal(expected);
  });

  it("of manifests are read so by src/", async () => {
    const recipient = await recipientOf(identityOf(reader.identity));
    for (const { name, bytes: encoded, error, content, recordId } of manifests) {
      const { bytes: sealed, fileKey } = await sealBytes(getBytes(encoded), [recipient]);
      const code = await codeOf(async () => {
        const { manifest } = await openManifest(sealed, { fileKey });
        const { body } = manifest;
        verifySeries(stampDomain(chain.chainId, chain.registry), manifest.stamps);
        expect([manifest.content, recordIdOfBody(body, manifest.content)], name).to.deep.equal([content, recordId]);
      });
      expect(code, name).to.equal(error);
    }
  });

  it("of capsules are what docs/format.md says of them", () => {
    for (const { name, bytes: encoded, error } of capsules)
      expect(judgeCapsule(getBytes(encoded)), name).to.equal(error);
  });

  it("of capsules are read so by src/", async () => {
    const identity = identityOf(reader.identity);
    const recipient = await recipientOf(identity);
    const expected = { patient, grantee: reader.address, keyVersion: reader.keyVersion };
    const here = { chainId: chain.chainId, addresses: { RecordRegistry: chain.registry } } as Chain;
    for (const { name, bytes: encoded, error } of capsules) {
      const { bytes: sealed } = await sealBytes(getBytes(encoded), [recipient]);
      expect(await codeOf(() => openCapsule(sealed, { identity }, here, expected)), name).to.equal(error);
    }
  });

  it("of stamps are what docs/format.md says of them", () => {
    for (const { name, series, ...expected } of stamps) expect(judgeSeries(series), name).to.deep.equal(expected);
  });

  it("of stamps are read so by src/", async () => {
    const domain = stampDomain(chain.chainId, chain.registry);
    for (const { name, series, digests, error } of stamps) {
      const read = series.map((stamp) => ({ ...stamp, signature: getBytes(stamp.signature) }));
      expect(
        read.map((stamp) => stampDigest(domain, stamp)),
        name,
      ).to.deep.equal(digests);
      const code = await codeOf(() => {
        verifySeries(domain, read);
      });
      expect(code, name).to.equal(error);
    }
  });

  it("are what their script makes", async () => {
    for (const [name, content] of Object.entries(files()))
      expect(await read<object>(name), name).to.deep.equal(JSON.parse(JSON.stringify(content)));
  });
});
