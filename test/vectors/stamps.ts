import {
  Signature,
  SigningKey,
  TypedDataEncoder,
  concat,
  encodeBytes32String,
  getBytes,
  hexlify,
  toBeHex,
} from "ethers";

import type { ErrorCode } from "../../src/errors.js";
import {
  type StampJson,
  type StampVector,
  bytes,
  chain,
  fixed,
  label,
  noStamp,
  patient,
  roles,
  wallet,
} from "./shared.js";

const stampTypes = {
  Stamp: [
    { name: "patient", type: "address" },
    ...["compartment", "content", "role"].map((name) => ({ name, type: "bytes32" })),
    { name: "statement", type: "string" },
    { name: "previous", type: "bytes32" },
    { name: "issuedAt", type: "uint48" },
  ],
};
const domain = {
  name: "CareKey RecordRegistry",
  version: "1",
  chainId: chain.chainId,
  verifyingContract: chain.registry,
};

export interface StampOptions {
  readonly by?: string;
  readonly content?: string;
  readonly role?: string;
  readonly statement?: string;
  readonly previous?: string;
  readonly issuedAt?: number;
  readonly domain?: object;
}

function stamp({ by = "the author", ...more }: StampOptions = {}): StampJson {
  const key = new SigningKey(fixed(`wallet of ${by}`));
  const { domain: signed, ...fields } = more;
  const said = {
    ...{ patient, compartment: label, content: fixed("content"), role: encodeBytes32String("practitioner") },
    ...{ statement: "authored", previous: noStamp, issuedAt: 1_767_225_600 },
    ...fields,
  };
  const digest = TypedDataEncoder.hash({ ...domain, ...signed }, stampTypes, said);
  return { ...said, signer: wallet(by).address, signature: key.sign(digest).serialized };
}

function digestOf({ signer: _signer, signature: _signature, ...said }: StampJson): string {
  return TypedDataEncoder.hash(domain, stampTypes, said);
}

/** A series in which each names the one before. */
export function series(length: number, more: (index: number) => StampOptions = () => ({})): StampJson[] {
  const made: StampJson[] = [];
  for (let index = 0; index < length; index++) {
    const before = made.at(-1);
    const usual = before ? { by: `reader ${index}`, statement: "second reading", previous: digestOf(before) } : {};
    made.push(stamp({ ...usual, issuedAt: 1_767_225_600 + 60 * index, ...more(index) }));
  }
  return made;
}

function resigned(of: StampJson, change: (signature: Signature) => string): StampJson {
  return { ...of, signature: change(Signature.from(of.signature)) };
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export function stampVectors(): StampVector[] {
  const vectors: StampVector[] = [];
  const add = (name: string, made: StampJson[], error?: ErrorCode, index?: number): void => {
    vectors.push({
      name,
      series: made,
      digests: made.map(digestOf),
      ...(error && { error }),
      ...(index !== undefined && { index }),
    });
  };
  for (const length of [1, 2, 3, 4, 5, 8, 16, 32, 64]) add(`a series of ${length}`, series(length));
  for (const role of [...roles, "patient"]) add(`in the role ${role}`, [stamp({ role: encodeBytes32String(role) })]);
  for (const statement of [
    "received",
    "dispensed",
    "second reading",
    "vu",
    "zweite Befundung, Prüfärztin Ö",
    "第二次阅片",
    "قراءة ثانية",
    "👩‍⚕️",
  ])
    add(
      `that says ${statement}`,
      series(2, (index) => (index === 1 ? { statement } : {})),
    );
  for (const issuedAt of [0, 1, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 48 - 1])
    add(`issued at ${issuedAt}`, [stamp({ issuedAt })]);
  for (const by of ["one", "another", "a third", "a fourth"]) add(`by ${by}`, [stamp({ by })]);
  add(
    "the same signer twice",
    series(2, () => ({ by: "the author" })),
  );

  add("no stamp", [], "STAMP_MISSING");
  const [first, second] = series(2) as [StampJson, StampJson];
  const refused = (name: string, changed: StampJson): void => {
    add(`${name}, in the first`, [changed], "STAMP_INVALID", 0);
  };
  const other = {
    patient: wallet("another").address,
    compartment: `0x11${fixed("other").slice(4)}`,
    content: fixed("another content"),
    role: encodeBytes32String("laboratory"),
    statement: "received",
    issuedAt: first.issuedAt + 1,
    signer: wallet("another").address,
  };
  for (const [field, value] of Object.entries(other)) {
    refused(`another ${field} than signed`, { ...first, [field]: value });
    add(`another ${field} than signed, in the second`, [first, { ...second, [field]: value }], "STAMP_INVALID", 1);
  }
  const flipped = (of: StampJson): StampJson =>
    resigned(of, ({ r, s, v }) => concat([r, toBeHex(order - BigInt(s), 32), Uint8Array.of(v === 27 ? 28 : 27)]));
  refused("a high s", flipped(first));
  add("a high s, in the second", [first, flipped(second)], "STAMP_INVALID", 1);
  for (const v of [0, 1, 2, 26, 29, 35, 36, 255])
    refused(
      `v is ${v}`,
      resigned(first, ({ r, s }) => concat([r, s, Uint8Array.of(v)])),
    );
  refused(
    "the other v",
    resigned(first, ({ r, s, v }) => concat([r, s, Uint8Array.of(v === 27 ? 28 : 27)])),
  );
  refused(
    "r is zero",
    resigned(first, ({ s, v }) => concat([noStamp, s, Uint8Array.of(v)])),
  );
  refused(
    "s is zero",
    resigned(first, ({ r, v }) => concat([r, noStamp, Uint8Array.of(v)])),
  );
  refused(
    "r is the order",
    resigned(first, ({ s, v }) => concat([toBeHex(order, 32), s, Uint8Array.of(v)])),
  );
  refused("a signature of zeros", { ...first, signature: hexlify(bytes(65, 0)) });
  for (const place of [0, 15, 31, 32, 47, 63]) {
    const signature = getBytes(first.signature);
    signature[place] = (signature[place] ?? 0) ^ 1;
    refused(`byte ${place} of the signature`, { ...first, signature: hexlify(signature) });
  }
  refused("signed for another chain", stamp({ domain: { chainId: 1 } }));
  refused("signed for another contract", stamp({ domain: { verifyingContract: patient } }));
  refused("signed under another name", stamp({ domain: { name: "CareKey ConsentRegistry" } }));
  refused("signed under another version", stamp({ domain: { version: "2" } }));
  refused("one that names a stamp before", stamp({ previous: digestOf(second) }));
  add("the second first", [second, first], "STAMP_INVALID", 0);
  add("a second that names none", [first, stamp({ by: "reader 1" })], "STAMP_INVALID", 1);
  add("a second that names itself", [first, { ...second, previous: digestOf(second) }], "STAMP_INVALID", 1);
  add("the first twice", [first, first], "STAMP_INVALID", 1);
  for (const gone of [1, 2, 3]) {
    const made = series(5);
    add(
      `stamp ${gone} of five is gone`,
      made.filter((_, index) => index !== gone),
      "STAMP_INVALID",
      gone,
    );
  }
  for (const place of [1, 2, 3]) {
    const made = series(5);
    const [one, next] = made.slice(place, place + 2) as [StampJson, StampJson];
    add(
      `stamps ${place} and ${place + 1} changed places`,
      [...made.slice(0, place), next, one, ...made.slice(place + 2)],
      "STAMP_INVALID",
      place,
    );
  }
  return vectors;
}
