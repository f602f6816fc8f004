import { type OperationOptions, toHex } from "../bytes.js";
import { sealedSize } from "../crypto/chunks.js";
import { openHashed } from "../crypto/files/hashed-stream.js";
import { MAX_HEADER_SIZE } from "../crypto/header.js";
import { CareKeyError } from "../errors.js";
import { readStored } from "../storage/files.js";
import type { BodyPart } from "./body.js";
import type { Context } from "./context.js";
import type { PartLocation } from "./manifest.js";

/** A part's plaintext; its end is an error unless the part is the one that was stamped: see `OpenedPart.stream`. */
export async function* partStream(
  { store }: Pick<Context, "store">,
  body: BodyPart,
  location: PartLocation,
  part: number,
  { signal }: OperationOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  const ciphertext = readStored(location, store, { signal, maxBytes: sealedSize(body.size, MAX_HEADER_SIZE) });
  const options = { signal, size: body.size };
  const { plaintext, plaintextHash } = await openHashed(ciphertext, { fileKey: location.key }, options);
  for await (const chunk of plaintext) {
    size += chunk.length;
    yield chunk;
  }
  if (size !== body.size || toHex(plaintextHash()) !== body.sha256)
    throw new CareKeyError("RECORD_INVALID", `Part ${part} is not the file that the author stamped`, {
      what: "part",
      part,
    });
}
