import { createHmac, hkdfSync } from "node:crypto";

import { toHex } from "../bytes.js";
import type { Hex32 } from "../chain/ids.js";
import { identitySecret } from "../crypto/recipients.js";

/** A key of 32 bytes for one use, from an actor's identity (HKDF-SHA256, RFC 5869). */
export function deriveKey(identity: string, use: "salt" | "profile" | "chart"): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", identitySecret(identity), new Uint8Array(), `carekey/v1/${use}`, 32));
}

/**
 * The compartment of the patient's own that holds the profile (docs/format.md §13). It follows from the oldest identity, so that a blank
 * machine finds it and a rotation does not move it; to everybody else it looks like any other label.
 * @param identities Newest first.
 */
export function profileLabel(identities: readonly [string, ...string[]]): Hex32 {
  const oldest = identities.at(-1) ?? identities[0];
  const label = createHmac("sha256", deriveKey(oldest, "profile")).update("compartment").digest();
  label[0] = (label[0] ?? 0) & 0x7f;
  return toHex(label);
}
