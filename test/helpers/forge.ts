import { getBytes, hexlify, randomBytes } from "ethers";

import { chainTime } from "../../src/chain/connection.js";
import { anchor } from "../../src/chain/records.js";
import { type Hex32, recordIdOf, roleId } from "../../src/chain/ids.js";
import { type Stamp, noStamp, signStamp, stampDomain } from "../../src/crypto/stamp.js";
import type { Role, Source } from "../../src/index.js";
import { type Body, contentOf, encodeBody } from "../../src/record/body.js";
import { type PartLocation, bodyFor, digestOf, sealManifest } from "../../src/record/manifest.js";
import { sealPart } from "../../src/record/seal-part.js";
import type { Block } from "../../src/storage/types.js";
import { type Actor, type Chart, sample } from "./clinic.js";

/** What a dishonest author puts in the place of what is usual. */
export interface Forgery {
  readonly body?: Partial<Body>;
  /** Under which name it is anchored, where that is not what the body says. */
  readonly name?: { readonly patient?: string; readonly compartment?: Hex32; readonly content?: Hex32 };
  readonly parts?: (parts: readonly PartLocation[]) => readonly PartLocation[];
  readonly stamps?: (honest: Stamp, sign: Sign) => readonly Stamp[] | Promise<readonly Stamp[]>;
  readonly sources?: readonly Source[];
  /** What is done between the stamp and the anchor. */
  readonly meanwhile?: () => Promise<unknown>;
  /** In place of the manifest's block. */
  readonly pointer?: Hex32;
}

/** Makes a stamp of this record, by anybody. */
export type Sign = (by: Actor, more?: Partial<Omit<Stamp, "signer" | "signature">>) => Promise<Stamp>;

/** A record as an author with WRITE could make it, without anything that holds them back. */
export interface Forged {
  readonly recordId: Hex32;
  readonly name: { readonly patient: string; readonly compartment: Hex32; readonly content: Hex32 };
  /** File key of the manifest. */
  readonly key: Uint8Array;
  readonly block: Block;
  readonly encodedBody: Uint8Array;
  readonly locations: readonly PartLocation[];
  readonly stamps: readonly Stamp[];
}

export async function forge(author: Actor, { patient, label }: Chart, forgery: Forgery = {}): Promise<Forged> {
  const { chain, store, recipient } = author.own;
  const recipients = [...new Set([patient.own.recipient, recipient])];
  const sources = forgery.sources ?? [sample()];
  const sealed = [];
  for (const [part, source] of sources.entries()) sealed.push(await sealPart(source, part, recipients, store));
  const body: Body = {
    ...bodyFor(chain),
    patient: patient.address,
    compartment: label,
    salt: hexlify(randomBytes(32)),
    description: JSON.stringify({ resourceType: "DocumentReference", status: "current" }),
    parts: sealed.map((part) => part.body),
    previous: null,
    ...forgery.body,
  };
  const encodedBody = encodeBody(body);
  const name = { patient: body.patient, compartment: body.compartment, content: contentOf(encodedBody) };
  const domain = stampDomain(chain.chainId, chain.addresses.RecordRegistry);
  const issuedAt = await chainTime(chain);
  const role = author.address === patient.address ? "patient" : "practitioner";
  const sign: Sign = (by, more = {}) =>
    signStamp(by.own.chain.signer, domain, {
      ...{ ...name, role: roleId(role), statement: "authored", previous: noStamp, issuedAt },
      ...more,
    });
  const honest = await sign(author);
  const stamps = (await forgery.stamps?.(honest, sign)) ?? [honest];
  const honestLocations = sealed.map(({ location }) => location);
  const locations = forgery.parts?.(honestLocations) ?? honestLocations;
  const { block, fileKey } = await sealManifest({ encodedBody, parts: locations, stamps }, recipients);
  await store.put(block);
  await forgery.meanwhile?.();
  const anchored = { ...name, ...forgery.name };
  await anchor(chain, anchored, forgery.pointer ?? digestOf(block));
  const recordId = recordIdOf(anchored.patient, anchored.compartment, anchored.content);
  return { recordId, name: anchored, key: fileKey, block, encodedBody, locations, stamps };
}

/** A role's `bytes32`. */
export function role(name: Role | "patient"): Hex32 {
  return roleId(name);
}

/** A signature with some of its bytes changed. */
export function altered({ signature }: Stamp, change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = Uint8Array.from(signature);
  change(bytes);
  return bytes;
}

/** The same signature with the other s: as good for the curve, refused by EIP-2. */
export function malleated({ signature }: Stamp): Uint8Array {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = BigInt(hexlify(signature.slice(32, 64)));
  const flipped = getBytes("0x" + (order - s).toString(16).padStart(64, "0"));
  return Uint8Array.from([...signature.slice(0, 32), ...flipped, signature[64] === 27 ? 28 : 27]);
}
