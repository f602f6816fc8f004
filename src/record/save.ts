import type { ByteStream, OperationOptions } from "../bytes.js";
import { newFile } from "../new-file.js";
import type { OpenedPart } from "./open.js";

/** Bytes that the disk takes while more come: left to the end, whoever saves a large file waits for all of it. */
const FLUSH = 16 * 1024 * 1024;

/**
 * Writes a part to a new file. Its bytes go to a temporary file beside it, which gets its name only when all of them were authenticated and the
 * hash is the one that the author stamped: no partial or false file ever stands under `path`.
 * @throws what {@link saveStream} and {@link OpenedPart.stream} throw
 */
export async function savePart(part: OpenedPart, path: string, options: OperationOptions = {}): Promise<void> {
  await saveStream(part.stream(options), path);
}

/**
 * Writes a stream to a new file, which appears under `path` only when the stream has ended without an error.
 * @throws FILE_EXISTS, DISK_FULL, STORE_FAILED when it can't be written, and what the stream throws
 */
export async function saveStream(stream: ByteStream, path: string): Promise<void> {
  await newFile(path, async (handle) => {
    let waiting = 0;
    let flushed = Promise.resolve();
    for await (const chunk of stream) {
      // unlike write(), which may stop short of a full disk, this writes all of the chunk or fails
      await handle.writeFile(chunk);
      if ((waiting += chunk.length) < FLUSH) continue;
      await flushed;
      flushed = handle.datasync();
      // its failure is seen by the next
      flushed.catch(() => undefined);
      waiting = 0;
    }
    await flushed;
  });
}
