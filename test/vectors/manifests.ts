import * as dagCbor from "@ipld/dag-cbor";
import { concat, encodeBytes32String, getBytes, hexlify, keccak256, sha256 } from "ethers";

import type { ErrorCode } from "../../src/errors.js";
import {
  type Fields,
  type ObjectVector,
  type Value,
  bytes,
  chain,
  cid,
  damaged,
  fixed,
  label,
  patient,
  roles,
  wrongs,
} from "./shared.js";
import { type StampOptions, series } from "./stamps.js";

function body(more: Fields = {}): Fields {
  return {
    ...{ version: 1, chainId: chain.chainId, registry: getBytes(chain.registry), patient: getBytes(patient) },
    ...{ compartment: getBytes(label), salt: getBytes(fixed("salt")), previous: null, parts: [part()] },
    description: '{"resourceType":"DocumentReference","status":"current"}',
    ...more,
  };
}

function part(more: Fields = {}): Fields {
  return { name: "ecg.dcm", mediaType: "application/dicom", size: 123_456, sha256: getBytes(fixed("part")), ...more };
}

function location(text = "part", more: Fields = {}): Fields {
  return { cid: cid(text), key: bytes(16), ...more };
}

function stampsFor(encoded: Uint8Array, length = 1, more?: (index: number) => StampOptions): Fields[] {
  return series(length, (index) => ({ content: sha256(encoded), ...more?.(index) })).map((made) => ({
    ...{ signer: getBytes(made.signer), role: getBytes(made.role), statement: made.statement },
    ...{ previous: getBytes(made.previous), issuedAt: made.issuedAt, signature: getBytes(made.signature) },
  }));
}

function manifest(fields: Fields = body(), more: Fields = {}): Fields {
  const encoded = dagCbor.encode(fields);
  const count = Array.isArray(fields.parts) ? fields.parts.length : 1;
  const parts = Array.from({ length: count }, (_, index) => location(`part ${index}`));
  return { version: 1, body: encoded, parts, stamps: stampsFor(encoded), ...more };
}

export function manifestVectors(): ObjectVector[] {
  const vectors: ObjectVector[] = [];
  const valid = (name: string, fields: Fields, more: Fields = {}): void => {
    const made = manifest(fields, more);
    const content = sha256(made.body as Uint8Array);
    const word = `0x${"00".repeat(12)}${hexlify(fields.patient as Uint8Array).slice(2)}`;
    const id = getBytes(keccak256(concat([word, fields.compartment as Uint8Array, content])));
    id[0] = (id[0] ?? 0) | 0x80;
    vectors.push({ name, bytes: hexlify(dagCbor.encode(made)), content, recordId: hexlify(id) });
  };
  const refused = (name: string, encoded: Uint8Array, error: ErrorCode = "RECORD_INVALID"): void => {
    vectors.push({ name, bytes: hexlify(encoded), error });
  };
  for (const count of [1, 2, 3, 10, 50]) {
    const parts = Array.from({ length: count }, (_, index) => part({ name: `slice-${index}.dcm`, size: index }));
    valid(`${count} parts`, body({ parts }));
  }
  for (const count of [2, 3, 16, 64])
    valid(`${count} stamps`, body(), { stamps: stampsFor(dagCbor.encode(body()), count) });
  for (const role of [...roles, "patient"]) {
    const stamps = stampsFor(dagCbor.encode(body()), 1, () => ({ role: encodeBytes32String(role) }));
    valid(`stamped as ${role}`, body(), { stamps });
  }
  for (const name of [
    "Befund Müller.pdf",
    "心电图.dcm",
    "تخطيط.pdf",
    "é.txt",
    "e\u0301.txt",
    "…",
    "a",
    "x".repeat(255),
    "é".repeat(127),
    "__proto__",
    ".hidden",
    " blank",
    "👩‍⚕️.png",
  ])
    valid(
      `a part called ${name.length > 40 ? `${name.slice(0, 2)}… of ${Buffer.byteLength(name)} bytes` : name}`,
      body({ parts: [part({ name })] }),
    );
  for (const size of [0, 1, 65_536, 2 ** 32, 2 ** 53 - 1])
    valid(`a part of ${size} bytes`, body({ parts: [part({ size })] }));
  for (const mediaType of ["a/b", "application/fhir+json", "x".repeat(127)])
    valid(`media type ${mediaType.slice(0, 30)}`, body({ parts: [part({ mediaType })] }));
  valid("an amendment", body({ previous: getBytes(fixed("before")) }));
  valid("a part in one block and one in many", body({ parts: [part(), part({ name: "two" })] }), {
    parts: [location("a"), location("b", { cid: cid("b", 0x70) })],
  });
  valid("keys that readers do not know", body({ later: "x" }), { later: 1 });
  valid("another chain", body({ chainId: 1 }));
  valid("the highest chain id", body({ chainId: 2 ** 53 - 1 }));
  valid(
    "a description of 10,000 characters",
    body({ description: JSON.stringify({ resourceType: "Basic", text: "ä".repeat(9_950) }) }),
  );

  const whole = manifest();
  for (const [name, fields] of wrongs(whole, { version: "integer", body: "bytes", parts: "list", stamps: "list" }))
    refused(`manifest ${name}`, dagCbor.encode(fields));
  for (const version of [0, 2, 255])
    refused(`manifest of version ${version}`, dagCbor.encode(manifest(body(), { version })));
  for (const [name, fields] of wrongs(location(), { cid: "integer", key: 16 }))
    refused(`manifest part ${name}`, dagCbor.encode(manifest(body(), { parts: [fields] })));
  refused("manifest with a part too many", dagCbor.encode(manifest(body(), { parts: [location("a"), location("b")] })));
  refused("manifest with a part too few", dagCbor.encode(manifest(body(), { parts: [] })));
  const [own = {}] = stampsFor(dagCbor.encode(body()));
  for (const [name, fields] of wrongs(own, {
    signer: 20,
    role: 32,
    statement: "text",
    previous: 32,
    issuedAt: "integer",
    signature: 65,
  }))
    refused(`stamp ${name}`, dagCbor.encode(manifest(body(), { stamps: [fields] })));
  for (const [name, fields] of [
    ["an empty statement", { statement: "" }],
    ["a statement of 65 bytes", { statement: "x".repeat(65) }],
    ["a time of 2^48", { issuedAt: 2 ** 48 }],
  ] as [string, Fields][])
    refused(`stamp with ${name}`, dagCbor.encode(manifest(body(), { stamps: [{ ...own, ...fields }] })));
  refused("65 stamps", dagCbor.encode(manifest(body(), { stamps: Array.from({ length: 65 }, () => own) })));
  refused("no stamps", dagCbor.encode(manifest(body(), { stamps: [] })), "STAMP_MISSING");
  const kinds = {
    version: "integer",
    chainId: "integer",
    registry: 20,
    patient: 20,
    compartment: 32,
    salt: 32,
    description: "text",
    parts: "list",
  };
  for (const [name, fields] of wrongs(body(), kinds)) refused(`body ${name}`, dagCbor.encode(manifest(fields)));
  for (const [name, previous] of [
    ["text", "x"],
    ["an integer", 1],
    ["of 31 bytes", bytes(31)],
    ["of 33 bytes", bytes(33)],
  ] as [string, Value][])
    refused(`body previous is ${name}`, dagCbor.encode(manifest(body({ previous }))));
  const withoutPrevious = Object.fromEntries(Object.entries(body()).filter(([key]) => key !== "previous"));
  refused("body without previous", dagCbor.encode(manifest(withoutPrevious)));
  for (const version of [0, 2]) refused(`body of version ${version}`, dagCbor.encode(manifest(body({ version }))));
  refused("body without a part", dagCbor.encode(manifest(body({ parts: [] }), { parts: [] })));
  refused("body with an empty description", dagCbor.encode(manifest(body({ description: "" }))));
  for (const [name, fields] of wrongs(part(), { name: "text", mediaType: "text", size: "integer", sha256: 32 }))
    refused(`body part ${name}`, dagCbor.encode(manifest(body({ parts: [fields] }))));
  for (const name of [
    "",
    ".",
    "..",
    "a/b",
    "../a",
    "/etc/passwd",
    "a\\b",
    "a\u0000",
    "a\nb",
    "\u007f",
    "\u0085",
    "x".repeat(256),
    "é".repeat(128),
  ])
    refused(
      `a part called ${JSON.stringify(name.slice(0, 12))} (${Buffer.byteLength(name)} bytes)`,
      dagCbor.encode(manifest(body({ parts: [part({ name })] }))),
    );
  refused("an empty media type", dagCbor.encode(manifest(body({ parts: [part({ mediaType: "" })] }))));
  refused(
    "a media type of 128 bytes",
    dagCbor.encode(manifest(body({ parts: [part({ mediaType: "x".repeat(128) })] }))),
  );
  for (const [name, encoded] of damaged(dagCbor.encode(whole))) refused(`manifest ${name}`, encoded);
  for (const [name, encoded] of damaged(dagCbor.encode(body())))
    refused(`body ${name}`, dagCbor.encode(manifest(body(), { body: encoded })));
  return vectors;
}
