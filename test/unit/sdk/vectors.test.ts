import { createHash, createHmac, hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";

import * as dagCbor from "@ipld/dag-cbor";
import { expect } from "chai";
import { AbiCoder, SigningKey, computeAddress, concat, getBytes, hexlify, keccak256, toUtf8Bytes } from "ethers";
import { CID } from "multiformats/cid";

import { vectors } from "../../vectors/generate.js";

type Vectors = Awaited<ReturnType<typeof vectors>>;

const file = new URL("../../vectors/format.json", import.meta.url);
const sha256 = (bytes: Uint8Array): string => hexlify(createHash("sha256").update(bytes).digest());
const word = (value: string): Uint8Array => getBytes(concat([new Uint8Array(32 - getBytes(value).length), value]));
const text = (value: string): string => keccak256(toUtf8Bytes(value));
const encode = (types: string[], values: unknown[]): string => AbiCoder.defaultAbiCoder().encode(types, values);

/** Everything below but the last test is computed from docs/format.md with hashes, curves and dag-cbor alone. */
describe("the format's test vectors", () => {
  let known: Vectors;

  before(async () => {
    known = JSON.parse(await readFile(file, "utf8")) as Vectors;
  });

  function bodyBytes(salt: string): Uint8Array {
    const { fields } = known.body;
    return dagCbor.encode({
      version: 1,
      chainId: fields.chainId,
      registry: getBytes(fields.registry),
      patient: getBytes(fields.patient),
      compartment: getBytes(fields.compartment),
      salt: getBytes(salt),
      description: fields.description,
      parts: fields.parts.map(({ name, mediaType, size, sha256: digest }) => {
        return { name, mediaType, size, sha256: getBytes(digest) };
      }),
      previous: null,
    });
  }

  it("hold the salt that follows from the author's identity and the body without it (§3)", () => {
    const { body, author } = known;
    const key = hkdfSync("sha256", getBytes(author.identitySecret), new Uint8Array(), "carekey/v1/salt", 32);
    expect(hexlify(new Uint8Array(key))).to.equal(body.saltKey);
    const input = bodyBytes("0x" + "00".repeat(32));
    expect(hexlify(input)).to.equal(body.saltInput);
    const salt = hexlify(createHmac("sha256", new Uint8Array(key)).update(input).digest());
    expect([body.salt, body.fields.salt]).to.deep.equal([salt, salt]);
  });

  it("hold body, content and record id (§3, §4)", () => {
    const { body } = known;
    const bytes = bodyBytes(body.salt);
    expect(hexlify(bytes)).to.equal(body.bytes);
    expect(sha256(bytes)).to.equal(body.content);
    const { patient, compartment } = body.fields;
    const id = getBytes(keccak256(concat([word(patient), compartment, body.content])));
    id[0]! |= 0x80;
    expect(hexlify(id)).to.equal(body.recordId);
    expect(getBytes(compartment)[0]! & 0x80).to.equal(0);
  });

  it("hold a series of stamps, digests and signatures (§5)", () => {
    const { chain, body, stamps, author, secondReader } = known;
    const { patient, compartment } = body.fields;
    const domainType = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
    const domain = keccak256(
      encode(
        ["bytes32", "bytes32", "bytes32", "uint256", "address"],
        [text(domainType), text("CareKey RecordRegistry"), text("1"), chain.chainId, chain.registry],
      ),
    );
    const type =
      "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)";
    let previous = "0x" + "00".repeat(32);
    for (const [index, stamp] of stamps.entries()) {
      const { walletKey, address } = [author, secondReader][index]!;
      expect(computeAddress(walletKey)).to.equal(address).and.to.equal(stamp.signer);
      expect(stamp.role).to.equal(hexlify(concat([toUtf8Bytes("practitioner"), new Uint8Array(20)])));
      expect(stamp.previous).to.equal(previous);
      const struct = keccak256(
        encode(
          ["bytes32", "address", "bytes32", "bytes32", "bytes32", "bytes32", "bytes32", "uint48"],
          [
            ...[text(type), patient, compartment, body.content, stamp.role],
            ...[text(stamp.statement), stamp.previous, stamp.issuedAt],
          ],
        ),
      );
      const digest = keccak256(concat(["0x1901", domain, struct]));
      expect(stamp.digest).to.equal(digest);
      const { r, s, v } = new SigningKey(walletKey).sign(digest);
      expect(stamp.signature).to.equal(concat([r, s, Uint8Array.of(v)]));
      expect(v).to.be.oneOf([27, 28]);
      previous = digest;
    }
  });

  it("hold the plaintext of a manifest (§8)", () => {
    const { manifest, body, stamps } = known;
    const bytes = dagCbor.encode({
      version: 1,
      body: getBytes(body.bytes),
      parts: manifest.parts.map(({ cid, key }) => ({ cid: CID.parse(cid), key: getBytes(key) })),
      stamps: stamps.map(({ signer, role, statement, previous, issuedAt, signature }) => ({
        ...{ signer: getBytes(signer), role: getBytes(role), statement },
        ...{ previous: getBytes(previous), issuedAt, signature: getBytes(signature) },
      })),
    });
    expect(hexlify(bytes)).to.equal(manifest.bytes);
  });

  it("hold the plaintext of a capsule (§9)", () => {
    const { capsule, chain, body } = known;
    const bytes = dagCbor.encode({
      version: 1,
      chainId: chain.chainId,
      registry: getBytes(chain.registry),
      patient: getBytes(body.fields.patient),
      grantees: capsule.grantees.map(({ address, keyVersion }) => ({ address: getBytes(address), keyVersion })),
      compartments: capsule.compartments.map(({ label, name }) => ({ label: getBytes(label), name })),
      records: capsule.records.map(({ compartment, content, key }) => ({
        ...{ compartment: getBytes(compartment), content: getBytes(content), key: getBytes(key) },
      })),
    });
    expect(hexlify(bytes)).to.equal(capsule.bytes);
  });

  it("hold an index file and the root of what it lists (§21)", () => {
    const { index, body } = known;
    const ids = index.records.map(({ content }) => {
      const id = getBytes(keccak256(concat([word(body.fields.patient), body.fields.compartment, content])));
      id[0]! |= 0x80;
      return hexlify(id);
    });
    expect(ids).to.deep.equal(index.recordIds);
    const node = (i: number, tree: readonly string[]): string =>
      keccak256(concat([tree[2 * i + 1]!, tree[2 * i + 2]!].toSorted()));
    const leaves = ids.map((id) => keccak256(keccak256(id))).toSorted();
    const tree: string[] = [];
    for (const [i, leaf] of leaves.entries()) tree[2 * leaves.length - 2 - i] = leaf;
    for (let i = leaves.length - 2; i >= 0; i--) tree[i] = node(i, tree);
    expect(tree[0]).to.equal(index.root);
    const records = index.records.map(({ content, manifest }) => ({
      ...{ content: getBytes(content), manifest: getBytes(manifest) },
    }));
    expect(hexlify(dagCbor.encode({ version: 1, root: getBytes(index.root), records }))).to.equal(index.bytes);
  });

  it("hold bits of purposes and the word of a grant's terms (§10)", () => {
    const { purposes, terms } = known;
    const bitsOf = (codes: readonly string[]): bigint =>
      codes.reduce((bits, code) => bits | (1n << BigInt((purposes.codes as string[]).indexOf(code))), 0n);
    expect(purposes.codes).to.have.lengthOf(63);
    for (const { granted, codes, bits } of purposes.examples) {
      expect(BigInt(bits)).to.equal(bitsOf(codes));
      expect(codes).to.include.members(granted);
    }
    const coverage = ["COVERAGE", "ELIGDTRM", "ELIGVER", "ENROLLM", "MILDCRG"];
    const treat = ["TREAT", "CLINTRL", "COC", "ETREAT", "BTG", "ERTREAT", "POPHLTH", "TREATDS"];
    const packed =
      BigInt(terms.start) |
      (BigInt(terms.end) << 40n) |
      (BigInt(terms.era) << 80n) |
      (bitsOf([...coverage, ...treat]) << 120n) |
      (3n << 184n) |
      (BigInt(terms.writtenAt) << 192n) |
      (BigInt(terms.index) << 224n);
    expect(BigInt(terms.word)).to.equal(packed);
  });

  it("are what src/ makes, too", async () => {
    expect(JSON.parse(JSON.stringify(await vectors()))).to.deep.equal(known);
  });
});
