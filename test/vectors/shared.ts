/** What the vectors of all objects share. */
import * as dagCbor from "@ipld/dag-cbor";
import { Wallet, getBytes, sha256 } from "ethers";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";

import type { ErrorCode } from "../../src/errors.js";

export type Value = string | number | Uint8Array | null | CID | Value[] | { [key: string]: Value };
export type Fields = Record<string, Value>;

/** One object's plaintext, and what becomes of it. */
export interface ObjectVector {
  readonly name: string;
  /** dag-cbor, hex. */
  readonly bytes: string;
  /** Undefined where a reader takes it. */
  readonly error?: ErrorCode;
  /** Of a manifest that is taken. */
  readonly content?: string;
  readonly recordId?: string;
}

export interface StampVector {
  readonly name: string;
  readonly series: readonly StampJson[];
  /** EIP-712 digests under the file's domain. */
  readonly digests: readonly string[];
  readonly error?: ErrorCode;
  /** Place of the first stamp that is false. */
  readonly index?: number;
}

export interface StampJson {
  readonly patient: string;
  readonly compartment: string;
  readonly content: string;
  readonly signer: string;
  readonly role: string;
  readonly statement: string;
  readonly previous: string;
  readonly issuedAt: number;
  readonly signature: string;
}

export const chain = { chainId: 31337, registry: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };

export const fixed = (text: string): string => sha256(new TextEncoder().encode(text));
export const bytes = (length: number, byte = 0x11): Uint8Array => new Uint8Array(length).fill(byte);
export const cid = (text: string, codec = 0x55): CID => CID.createV1(codec, Digest.create(0x12, getBytes(fixed(text))));
export const wallet = (name: string): Wallet => new Wallet(fixed(`wallet of ${name}`));

export const patient = wallet("the patient").address;
export const label = `0x3d${fixed("label").slice(4)}`;
export const reader = {
  address: wallet("the reader").address,
  keyVersion: 3,
  identity: fixed("identity of the reader"),
};

export const roles = [
  "practitioner",
  "laboratory",
  "pharmacist",
  "manufacturer",
  "insurer",
  "researcher",
  "ethics",
  "keeper",
  "storage",
];
export const noStamp = `0x${"00".repeat(32)}`;
/** What has the wrong type, for each of these types. */
const wrongTypes: Record<string, [string, Value][]> = {
  integer: [
    ["text", "1"],
    ["bytes", bytes(1)],
    ["null", null],
    ["negative", -1],
    ["a fraction", 1.5],
    ["a list", [1]],
  ],
  bytes: [
    ["text", "0x11"],
    ["an integer", 7],
    ["null", null],
    ["a list", [17]],
    ["a map", {}],
  ],
  text: [
    ["bytes", bytes(3)],
    ["an integer", 7],
    ["null", null],
    ["a list", ["a"]],
  ],
  list: [
    ["a map", {}],
    ["null", null],
    ["bytes", bytes(3)],
    ["text", "a"],
  ],
};

/** Every way in which a field is wrong: missing, of another type, of another length. */
export function wrongs(fields: Fields, kinds: Record<string, string | number>): [string, Fields][] {
  return Object.entries(kinds).flatMap(([field, kind]) => {
    const without = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== field));
    const ways: [string, Fields][] = [[`without ${field}`, without]];
    const type = typeof kind === "number" ? "bytes" : kind;
    for (const [name, value] of wrongTypes[type] ?? [])
      ways.push([`${field} is ${name}`, { ...fields, [field]: value }]);
    if (typeof kind === "number")
      for (const length of [0, kind - 1, kind + 1])
        ways.push([`${field} has ${length} bytes`, { ...fields, [field]: bytes(length) }]);
    return ways;
  });
}

/** Bytes that are no dag-cbor. */
export function damaged(encoded: Uint8Array): [string, Uint8Array][] {
  return [
    ["of no bytes", new Uint8Array()],
    ["cut by a byte", encoded.slice(0, -1)],
    ["cut in half", encoded.slice(0, encoded.length / 2)],
    ["with a byte behind it", Uint8Array.from([...encoded, 0])],
    ["twice", Uint8Array.from([...encoded, ...encoded])],
    ["as text", dagCbor.encode("manifest")],
    ["as a list", dagCbor.encode([1])],
    ["of indefinite length", Uint8Array.of(0xbf, 0xff)],
    ["that is undefined", Uint8Array.of(0xf7)],
  ];
}
