import * as dagCbor from "@ipld/dag-cbor";
import { getBytes, hexlify } from "ethers";

import type { ErrorCode } from "../../src/errors.js";
import {
  type Fields,
  type ObjectVector,
  bytes,
  chain,
  damaged,
  fixed,
  label,
  patient,
  reader,
  wallet,
  wrongs,
} from "./shared.js";

function capsule(more: Fields = {}): Fields {
  return {
    ...{ version: 1, chainId: chain.chainId, registry: getBytes(chain.registry), patient: getBytes(patient) },
    grantees: [grantee()],
    compartments: [compartment()],
    records: [entry()],
    ...more,
  };
}

const grantee = (more: Fields = {}): Fields => ({
  address: getBytes(reader.address),
  keyVersion: reader.keyVersion,
  ...more,
});
const compartment = (more: Fields = {}): Fields => ({ label: getBytes(label), name: "Kardiologie – Herz", ...more });
const entry = (more: Fields = {}): Fields => ({
  compartment: getBytes(label),
  content: getBytes(fixed("content")),
  key: bytes(16),
  ...more,
});
const many = (count: number, make: (index: number) => Fields): Fields[] =>
  Array.from({ length: count }, (_, index) => make(index));

export function capsuleVectors(): ObjectVector[] {
  const vectors: ObjectVector[] = [];
  const add = (name: string, fields: Fields | Uint8Array, error?: ErrorCode): void => {
    const encoded = fields instanceof Uint8Array ? fields : dagCbor.encode(fields);
    vectors.push({ name, bytes: hexlify(encoded), ...(error && { error }) });
  };
  const others = (index: number): Fields =>
    index === 0 ? grantee() : grantee({ address: getBytes(wallet(`grantee ${index}`).address), keyVersion: index });
  for (let count = 1; count <= 14; count++) add(`${count} grantees`, capsule({ grantees: many(count, others) }));
  for (const count of [0, 1, 2, 10, 100])
    add(
      `${count} records`,
      capsule({ records: many(count, (index) => entry({ content: getBytes(fixed(`content ${index}`)) })) }),
    );
  for (const count of [0, 1, 2, 20])
    add(
      `${count} names`,
      capsule({
        compartments: many(count, (index) =>
          compartment({ label: getBytes(`0x3d${fixed(`label ${index}`).slice(4)}`), name: `name ${index}` }),
        ),
      }),
    );
  for (const name of ["heart", "Größe", "心脏", "قلب", "❤️", "x".repeat(255)])
    add(`a compartment called ${name.slice(0, 10)}`, capsule({ compartments: [compartment({ name })] }));
  for (const keyVersion of [1, 2, 3])
    add(`sealed to key ${keyVersion} of 3`, capsule({ grantees: [grantee({ keyVersion })] }));
  add("keys that readers do not know", capsule({ later: 1 }));
  add("a record that a list names", capsule({ records: [entry(), entry({ under: getBytes(fixed("list")) })] }));
  for (const length of [0, 31, 33])
    add(`under has ${length} bytes`, capsule({ records: [entry({ under: bytes(length) })] }), "RECORD_INVALID");

  add("15 grantees", capsule({ grantees: many(15, others) }), "RECORD_INVALID");
  add("no grantee", capsule({ grantees: [] }), "RECORD_INVALID");
  for (const version of [0, 2]) add(`version ${version}`, capsule({ version }), "RECORD_INVALID");
  const kinds = {
    version: "integer",
    chainId: "integer",
    registry: 20,
    patient: 20,
    grantees: "list",
    compartments: "list",
    records: "list",
  };
  for (const [name, fields] of wrongs(capsule(), kinds)) add(`capsule ${name}`, fields, "RECORD_INVALID");
  for (const [name, fields] of wrongs(grantee(), { address: 20, keyVersion: "integer" }))
    add(`grantee ${name}`, capsule({ grantees: [fields] }), "RECORD_INVALID");
  add("grantee keyVersion is 0", capsule({ grantees: [grantee({ keyVersion: 0 })] }), "RECORD_INVALID");
  for (const [name, fields] of wrongs(compartment(), { label: 32, name: "text" }))
    add(`compartment ${name}`, capsule({ compartments: [fields] }), "RECORD_INVALID");
  for (const name of ["", "x".repeat(256), "é".repeat(128)])
    add(
      `compartment name of ${name.length} letters, ${Buffer.byteLength(name)} bytes`,
      capsule({ compartments: [compartment({ name })] }),
      "RECORD_INVALID",
    );
  for (const [name, fields] of wrongs(entry(), { compartment: 32, content: 32, key: 16 }))
    add(`record ${name}`, capsule({ records: [fields] }), "RECORD_INVALID");
  for (const [name, encoded] of damaged(dagCbor.encode(capsule()))) add(`capsule ${name}`, encoded, "RECORD_INVALID");

  const foreign: [string, Fields][] = [
    ["another chain", { chainId: 1 }],
    ["another registry", { registry: getBytes(patient) }],
    ["another patient", { patient: getBytes(reader.address) }],
    ["another grantee", { grantees: [grantee({ address: getBytes(patient) })] }],
    ["a key that the grantee does not have yet", { grantees: [grantee({ keyVersion: 4 })] }],
    ["a much later key", { grantees: [grantee({ keyVersion: 2 ** 32 })] }],
  ];
  for (const [name, fields] of foreign) add(`for ${name}`, capsule(fields), "RECORD_MISMATCH");
  return vectors;
}
