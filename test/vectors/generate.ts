/** Makes format.json anew through src/: `npx tsx test/vectors/generate.ts`. Only after a change of the format that was meant. */
import { createHmac, hkdfSync } from "node:crypto";
import { writeFile } from "node:fs/promises";

import { bech32 } from "@scure/base";
import { Wallet, getBytes, hexlify, sha256 } from "ethers";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";

import type { Chain } from "../../src/chain/connection.js";
import { recordIdOf, roleId } from "../../src/chain/ids.js";
import { type Purpose, purposeBits, purposes, purposesOf } from "../../src/chain/purposes.js";
import { recordTree } from "../../src/chain/roots.js";
import { type NewTerms, type Terms, packTerms, unpackTerms } from "../../src/chain/terms.js";
import { openBytes } from "../../src/crypto/age.js";
import { recipientOf, recipientToBytes } from "../../src/crypto/recipients.js";
import { type Stamp, noStamp, signStamp, stampDigest, stampDomain } from "../../src/crypto/stamp.js";
import { type Body, contentOf, encodeBody, withSalt } from "../../src/record/body.js";
import { sealCapsule } from "../../src/record/capsule.js";
import { encodeIndex } from "../../src/record/index-file.js";
import { sealManifest } from "../../src/record/manifest.js";

/** 32 bytes that say what they stand for. */
const fixed = (text: string): string => sha256(new TextEncoder().encode(text));
const filled = (byte: number, length: number): string => hexlify(new Uint8Array(length).fill(byte));

/** An age identity of 32 known bytes (C2SP age: bech32 in upper case). */
export function identityOf(secret: string): string {
  return bech32.encode("age-secret-key-pq-", bech32.toWords(getBytes(secret)), false).toUpperCase();
}

/** All of format.json. */
export async function vectors() {
  const chainId = 31337;
  const registry = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
  const author = { key: fixed("author's wallet"), secret: fixed("author's identity") };
  const second = { key: fixed("second reader's wallet"), secret: fixed("second reader's identity") };
  const patient = new Wallet(fixed("patient's wallet")).address;
  const compartment = "0x3d" + filled(0x11, 31).slice(2);
  const wallet = new Wallet(author.key);
  const reader = new Wallet(second.key);

  const unsalted: Omit<Body, "salt"> = {
    version: 1,
    chainId,
    registry,
    patient,
    compartment,
    description: '{"resourceType":"DocumentReference","status":"current"}',
    parts: [
      { name: "ecg.dcm", mediaType: "application/dicom", size: 123_456, sha256: fixed("first part") },
      { name: "Befund.pdf", mediaType: "application/pdf", size: 5_000_000_000, sha256: fixed("second part") },
    ],
    previous: null,
  };
  const saltKey = new Uint8Array(hkdfSync("sha256", getBytes(author.secret), new Uint8Array(), "carekey/v1/salt", 32));
  const saltInput = encodeBody({ ...unsalted, salt: filled(0, 32) });
  const body = withSalt(unsalted, identityOf(author.secret));
  const encodedBody = encodeBody(body);
  const content = contentOf(encodedBody);

  const domain = stampDomain(chainId, registry);
  const name = { patient, compartment, content };
  const role = roleId("practitioner");
  const times = [1_767_225_600, 1_767_225_660] as const;
  const first = await signStamp(wallet, domain, {
    ...{ ...name, role, statement: "authored", previous: noStamp, issuedAt: times[0] },
  });
  const later = await signStamp(reader, domain, {
    ...{ ...name, role, statement: "second reading", previous: stampDigest(domain, first), issuedAt: times[1] },
  });
  const stamps = [first, later].map((stamp: Stamp) => ({
    ...{ signer: stamp.signer, role: stamp.role, statement: stamp.statement, previous: stamp.previous },
    ...{ issuedAt: stamp.issuedAt, digest: stampDigest(domain, stamp), signature: hexlify(stamp.signature) },
  }));

  const locations = [0x55, 0x70].map((codec, index) => ({
    cid: CID.createV1(codec, Digest.create(0x12, getBytes(fixed(`block ${index}`)))),
    key: getBytes(filled(0xa0 + index, 16)),
  }));
  const recipient = await recipientOf(identityOf(second.secret));
  const sealed = await sealManifest({ encodedBody, parts: locations, stamps: [first, later] }, [recipient]);
  const manifest = await openBytes(sealed.block.bytes, { fileKey: sealed.fileKey }, 1024 * 1024);

  const chain = { chainId, addresses: { RecordRegistry: registry } } as Chain;
  const records = [{ compartment, content, key: getBytes(filled(0xb0, 16)) }];
  const compartments = [{ label: compartment, name: "Kardiologie – Herz" }];
  const grantee = { actor: reader.address, version: 3, recipient: recipientToBytes(recipient) };
  const capsule = await sealCapsule(chain, { patient, compartments, records }, [grantee]);
  const identity = identityOf(second.secret);
  const capsuleBytes = await openBytes(capsule.bytes, { identity }, 1024 * 1024);

  const listed = [0, 1, 2].map((number) => ({
    content: fixed(`report ${number}`),
    manifest: fixed(`sealed ${number}`),
  }));
  const ids = listed.map((each) => recordIdOf(patient, compartment, each.content));
  const tree = recordTree(ids);

  const expanded = (granted: Purpose[]) => {
    const bits = purposeBits(granted);
    const codes = purposes.filter((_, index) => (bits >> BigInt(index)) & 1n);
    return { granted, codes, bits: hex(bits, 8) };
  };
  const terms: NewTerms = {
    ...{ start: 1_767_225_600, end: 1_769_904_000 },
    ...{ permissions: ["READ", "WRITE"], purposes: ["COVERAGE", "TREAT"] },
  };
  // as it stands after one lockdown, written last in block 4,711, the patient's seventh
  const word = packTerms(terms, 0x1_5ca1ab) | (4711n << 192n) | (7n << 224n);
  const withoutFlags = ({ byDelegate: _byDelegate, group: _group, ...numbered }: Terms) => numbered;

  return {
    comment: "Examples of docs/format.md; see README.md beside this file. Nobody's keys, nobody's data.",
    chain: { chainId, registry },
    author: { walletKey: author.key, address: wallet.address, identitySecret: author.secret },
    secondReader: { walletKey: second.key, address: reader.address, identitySecret: second.secret },
    body: {
      fields: { ...body },
      saltKey: hexlify(saltKey),
      saltInput: hexlify(saltInput),
      salt: hexlify(createHmac("sha256", saltKey).update(saltInput).digest()),
      bytes: hexlify(encodedBody),
      content,
      recordId: recordIdOf(patient, compartment, content),
    },
    stamps,
    manifest: {
      parts: locations.map(({ cid, key }) => ({ cid: cid.toString(), key: hexlify(key) })),
      bytes: hexlify(manifest),
    },
    capsule: {
      grantees: [{ address: reader.address, keyVersion: 3 }],
      compartments,
      records: records.map(({ key, ...record }) => ({ ...record, key: hexlify(key) })),
      bytes: hexlify(capsuleBytes),
    },
    index: {
      root: tree.root,
      records: listed,
      recordIds: ids,
      bytes: hexlify(encodeIndex({ root: tree.root, records: listed })),
    },
    purposes: {
      codes: purposes,
      examples: [expanded(["BTG"]), expanded(["COVERAGE"]), expanded(["HRESCH", "ETREAT"]), expanded(["PurposeOfUse"])],
      narrowed: purposesOf(purposeBits(["HPAYMT", "COVERAGE", "TREATDS"])),
    },
    terms: { ...withoutFlags(unpackTerms(word)), word: hex(word, 32) },
  };
}

function hex(value: bigint, length: number): string {
  return "0x" + value.toString(16).padStart(length * 2, "0");
}

if (process.argv[1] === import.meta.filename) {
  const file = new URL("format.json", import.meta.url);
  await writeFile(file, `${JSON.stringify(await vectors(), null, 2)}\n`);
}
