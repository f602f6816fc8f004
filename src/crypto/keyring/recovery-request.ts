import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";

import { CareKeyError } from "../../errors.js";
import { recipientToBytes } from "../recipients.js";
import { wordsOf } from "./recovery-code.js";

/** Longest request: the key takes 1,959 characters. */
const MAX_REQUEST = 8192;

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`));

const schema = z.strictObject({
  type: z.literal("carekey-recovery-request"),
  version: z.literal(1),
  chainId: z.number().int().nonnegative(),
  actor: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  vault: hex(16),
  slot: hex(8),
  recipient: z.string(),
});

/** What whoever recovers gives to their guardians. It holds no secret. */
export type RecoveryRequest = Omit<z.infer<typeof schema>, "type" | "version">;

/** A request as JSON, to be carried by any messenger. */
export function encodeRequest(request: RecoveryRequest): string {
  return `${JSON.stringify({ type: "carekey-recovery-request", version: 1, ...request }, null, 2)}\n`;
}

/**
 * Reads a request.
 *
 * Errors: INVALID_ARGUMENT naming the field; RECIPIENT_INVALID.
 */
export function parseRequest(text: string): RecoveryRequest {
  let value: unknown;
  try {
    value = text.length > MAX_REQUEST ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new CareKeyError("INVALID_ARGUMENT", "The recovery request is no JSON", {}, { cause });
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const field = result.error.issues[0]?.path.join(".") ?? "";
    throw new CareKeyError("INVALID_ARGUMENT", `The recovery request lacks or mistakes ${JSON.stringify(field)}`, {
      field,
    });
  }
  const { chainId, actor, vault, slot, recipient } = result.data;
  recipientToBytes(recipient);
  return { chainId, actor, vault, slot, recipient };
}

/**
 * Eight words for a recovery key (88 bits of its sha2-256), to be read over the telephone: a guardian who releases a share to another
 * key than the one of the person that they know gives it away.
 */
export function requestFingerprint(recipient: string): string {
  return wordsOf(sha256(recipientToBytes(recipient)), 8);
}
