import { getBytes, hexlify } from "ethers";

import type { Hex32 } from "../../chain/ids.js";
import { sealBytes } from "../../crypto/age.js";
import { MAX_HEADER_SIZE } from "../../crypto/header.js";
import { sealedSize } from "../../crypto/chunks.js";
import type { Stamp } from "../../crypto/stamp.js";
import { CareKeyError } from "../../errors.js";
import { readStored } from "../../storage/files.js";
import { type Body, type BodyPart, contentOf, decodeBody, recordIdOfBody } from "../body.js";
import { MAX_OBJECT } from "../codec.js";
import type { Context, PipelineOptions } from "../context.js";
import { safeNames } from "../file-names.js";
import type { Manifest } from "../manifest.js";
import { parseDescription } from "../open.js";
import type { ExportFolder } from "./folder.js";
import { exportInvalid, folderOf, names, parseFile, toJson } from "./layout.js";
import { PartCheck, transfer } from "./part.js";
import type { ExportReader } from "./reader.js";

/** A record as an export holds it. */
export interface ExportedRecord {
  readonly recordId: Hex32;
  readonly body: Body;
  readonly content: Hex32;
  readonly stamps: readonly Stamp[];
  /** Text of its `record.json`. */
  readonly json: string;
  /** Its parts' files, in their order, relative to the export's folder. */
  readonly files: readonly string[];
  /** All its files. */
  readonly all: readonly string[];
}

/** Which record is expected. */
export interface ExpectedRecord {
  readonly recordId: Hex32;
  readonly chainId: number;
  readonly recordRegistry: string;
  readonly patient: string;
}

/**
 * Writes the files of one record. Each part is opened on the way, also where its ciphertext is kept: nothing goes into an export that would not open.
 * @param recipient The patient's, where the export is sealed.
 */
export async function writeRecord(
  { store }: Context,
  folder: ExportFolder,
  manifest: Manifest,
  recipient: string | undefined,
  options: PipelineOptions,
): Promise<ExportedRecord> {
  const { body, encodedBody, content, stamps, parts } = manifest;
  const recordId = recordIdOfBody(body, content);
  const sealed = recipient !== undefined;
  const place = folderOf(recordId);
  const files = partFiles(place, body.parts, sealed);
  await folder.makeFolder(`${place}/${names.files}`);
  for (const [part, location] of parts.entries()) {
    const expected = body.parts[part];
    const file = files[part];
    if (!expected || file === undefined) continue;
    options.onProgress?.({ step: "exporting", part, done: part, total: parts.length });
    const limit = { signal: options.signal, maxBytes: sealedSize(expected.size, MAX_HEADER_SIZE) };
    const ciphertext = readStored(location, store, limit);
    await folder.write(file, transfer(ciphertext, location, expected, part, recipient, options));
  }
  const personal = async (name: string, bytes: Uint8Array): Promise<string> => {
    const target = `${place}/${name}${sealed ? ".age" : ""}`;
    await folder.write(target, sealed ? (await sealBytes(bytes, [recipient])).bytes : bytes);
    return target;
  };
  const json = recordJson(manifest);
  const others = [await personal(names.body, encodedBody), await personal(names.record, Buffer.from(json))];
  return { recordId, body, content, stamps, json, files, all: [...files, ...others] };
}

/** Text of a record's `record.json`. */
export function recordJson({ body, content, parts, stamps }: Manifest): string {
  const cids = parts.map(({ cid }) => cid.toString());
  return toJson(describe(recordIdOfBody(body, content), content, body, cids, stamps));
}

/**
 * Reads the files of one record of an export and compares all of them with its id, which only these bytes can have.
 * @param report Told each file that is not what it should be; the rest is looked at all the same.
 * @throws EXPORT_INVALID, RECORD_INVALID, RECORD_MISMATCH, SEALED_INVALID, NOT_A_RECIPIENT where not even the body can be read
 */
export async function readRecord(
  reader: ExportReader,
  expected: ExpectedRecord,
  report: (file: string, error: CareKeyError) => void,
): Promise<ExportedRecord | undefined> {
  const { recordId } = expected;
  const place = folderOf(recordId);
  const looked = async <T>(file: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof CareKeyError) || error.code === "CANCELLED") throw error;
      report(file, error);
      return undefined;
    }
  };
  const [bodyFile, recordFile] = [`${place}/${names.body}`, `${place}/${names.record}`];
  const read = await looked(reader.personal(bodyFile), async () => {
    const encoded = await reader.bytes(bodyFile, MAX_OBJECT);
    const body = decodeBody(encoded);
    const content = contentOf(encoded);
    requireSame(expected, { ...body, recordRegistry: body.registry, recordId: recordIdOfBody(body, content) });
    parseDescription(body.description);
    return { body, content };
  });
  if (!read) return undefined;
  const { body, content } = read;
  const files = partFiles(place, body.parts, reader.sealed);
  const record = await looked(reader.personal(recordFile), async () => {
    const text = new TextDecoder().decode(await reader.bytes(recordFile));
    const { cids, stamps: found } = parseFile("record", text);
    const { patient, compartment } = body;
    const completed = found.map(({ signature, ...stamp }) => {
      return { ...stamp, patient, compartment, content, signature: getBytes(signature) };
    });
    if (text !== toJson(describe(recordId, content, body, cids, completed)))
      throw exportInvalid("disagrees", "It says something else than the body");
    return { stamps: completed, json: text };
  });
  for (const [part, file] of files.entries()) {
    const expectedPart = body.parts[part];
    if (!expectedPart) continue;
    await looked(file, async () => {
      const check = new PartCheck(expectedPart, part);
      for await (const chunk of await reader.contentAt(file)) check.add(chunk);
      check.end();
    });
  }
  const all = [...files, reader.personal(bodyFile), reader.personal(recordFile)];
  return { recordId, body, content, stamps: record?.stamps ?? [], json: record?.json ?? "", files, all };
}

/** Names of parts often hold a person's: where files are sealed they have numbers. */
function partFiles(place: string, parts: readonly BodyPart[], sealed: boolean): string[] {
  const plain = safeNames(parts.map(({ name }) => name));
  return plain.map((name, part) => `${place}/${names.files}/${sealed ? `${part}.age` : name}`);
}

/** What `record.json` says; all but CIDs and stamps follows from the body. */
function describe(
  recordId: Hex32,
  content: Hex32,
  body: Body,
  cids: readonly string[],
  stamps: readonly Stamp[],
): object {
  return {
    version: 1,
    recordId,
    content,
    patient: body.patient,
    compartment: body.compartment,
    previous: body.previous,
    description: parseDescription(body.description),
    parts: body.parts,
    cids,
    stamps: stamps.map(({ signer, role, statement, previous, issuedAt, signature }) => {
      return { signer, role, statement, previous, issuedAt, signature: hexlify(signature) };
    }),
  };
}

function requireSame(expected: ExpectedRecord, actual: ExpectedRecord): void {
  for (const field of ["chainId", "recordRegistry", "patient", "recordId"] as const)
    if (actual[field] !== expected[field])
      throw new CareKeyError("RECORD_MISMATCH", `The body is that of another ${field}`, { field });
}
