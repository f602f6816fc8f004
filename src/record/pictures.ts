import { mkdir } from "node:fs/promises";
import path from "node:path";

import { type OperationOptions, collect, concat } from "../bytes.js";
import { CareKeyError } from "../errors.js";
import { drawPicture, pickRepresentative } from "../format/picture.js";
import { HEAD_SIZE, type Recognised, recognise } from "../format/recognise.js";
import type { OpenedPart, OpenedRecord } from "./open.js";
import { saveStream } from "./save.js";

/** Largest file that is drawn: it is held in memory for that. */
const limit = 128 * 1024 * 1024;

/**
 * Draws what a person can look at of an opened record, into a folder: an ECG on calibrated paper (SVG), the middle slice of a series and films (PNG). For looking at, not for
 * diagnosis.
 * @returns the files, none where nothing can be drawn
 * @throws FILE_EXISTS, DISK_FULL, STORE_FAILED, and what {@link OpenedPart.stream} throws
 */
export async function savePictures(
  { record, parts }: OpenedRecord,
  folder: string,
  options: OperationOptions = {},
): Promise<string[]> {
  const files: string[] = [];
  for (const part of await representatives(parts, options)) {
    if (part.size > limit) continue;
    const bytes = await collect(part.stream(options), limit);
    const picture = drawPicture(bytes, recognise(bytes.subarray(0, HEAD_SIZE)));
    if (!picture) continue;
    await makeFolder(folder);
    const file = path.join(folder, `${record.recordId.slice(0, 10)}-${parts.indexOf(part)}.${picture.extension}`);
    await saveStream([picture.bytes], file);
    files.push(file);
  }
  return files;
}

/** Of each DICOM series the slice in its middle, and whatever belongs to none. */
async function representatives(parts: readonly OpenedPart[], options: OperationOptions): Promise<OpenedPart[]> {
  const groups = new Map<string, { part: OpenedPart; recognised: Recognised }[]>();
  for (const [index, part] of parts.entries()) {
    const recognised = recognise(await headOf(part, options));
    const series = recognised.kind === "dicom" ? recognised.summary?.seriesInstanceUid : undefined;
    const key = series ?? `part ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), { part, recognised }]);
  }
  return [...groups.values()].flatMap((group) => group[pickRepresentative(group)]?.part ?? []);
}

async function headOf(part: OpenedPart, options: OperationOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of part.stream(options)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= HEAD_SIZE) break;
  }
  return concat(chunks).subarray(0, HEAD_SIZE);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new CareKeyError("STORE_FAILED", `The folder ${folder} can't be made`, {}, { cause });
  }
}
