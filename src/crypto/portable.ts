import { Decrypter, Encrypter } from "age-encryption";
import { decodeBase64, readHeader, verifyHeader, type Header } from "./header.js";
import { sealedInvalid } from "./invalid.js";

/**
 * The hybrid recipient through age-encryption, for a Node.js without ML-KEM: the same bytes, only slower. It takes the public
 * API alone, where age-encryption chooses the file key, and the first recipient in line puts ours in its place.
 */

/** Encrypts a file key to a recipient `age1pq1…`, given as text and raw. Throws where that is no valid key. */
export async function wrapPortable(
  fileKey: Uint8Array,
  recipient: string,
  raw: Uint8Array,
): Promise<{ share: Uint8Array; body: Uint8Array }> {
  // which age-encryption leaves out
  if (!isReduced(raw.subarray(0, 1152))) throw new RangeError("A coefficient of the ML-KEM key exceeds the modulus");
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    wrapFileKey: (chosen) => {
      chosen.set(fileKey);
      return [];
    },
  });
  encrypter.addRecipient(recipient);
  const { header } = await readHeader([await encrypter.encrypt(new Uint8Array(0))]);
  // shows that it was our key that it wrapped
  verifyHeader(header, fileKey);
  const [stanza] = header.stanzas;
  const share = decodeBase64(stanza?.args[1] ?? "");
  if (!stanza || !share) throw new TypeError("age-encryption wrote no hybrid stanza");
  return { share, body: stanza.body };
}

/**
 * The file key of a header for an identity `AGE-SECRET-KEY-PQ-1…`; undefined when no stanza is for it.
 *
 * Errors: SEALED_INVALID with reason header-mac, also where a share is no valid one: from outside they look alike.
 */
export async function unwrapPortable(header: Header, identity: string): Promise<Uint8Array | undefined> {
  const search = { missed: false };
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  // asked only once the identity found no stanza of its own
  decrypter.addIdentity({
    unwrapFileKey: () => {
      search.missed = true;
      return null;
    },
  });
  try {
    return await decrypter.decryptHeader(header.bytes);
  } catch (cause) {
    if (search.missed) return undefined;
    throw sealedInvalid("header-mac", "The header does not authenticate under its file key", {}, { cause });
  }
}

/** The modulus check of FIPS 203, section 7.2: pairs of 12-bit coefficients, each below 3329. */
function isReduced(coefficients: Uint8Array): boolean {
  for (let at = 0; at + 2 < coefficients.length; at += 3) {
    const [low = 0, middle = 0, high = 0] = coefficients.subarray(at, at + 3);
    if ((low | ((middle & 0x0f) << 8)) >= 3329 || ((middle >> 4) | (high << 4)) >= 3329) return false;
  }
  return true;
}
