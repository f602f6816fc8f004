import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";

import { SignJWT, errors, jwtVerify } from "jose";

import { CareKeyError, isCareKeyError } from "../errors.js";
import { newFile } from "../new-file.js";
import { systemCode } from "../system-error.js";

/** What a token allows: "put" to put blocks and to pin, "manage" everything: also to list, unpin, delete and collect, and the RPC. */
export type Scope = "put" | "manage";

export interface TokenOptions {
  readonly scope: Scope;
  /** Milliseconds for which it is good, whole seconds of them; at most an hour for "put". */
  readonly lifetime: number;
}

/** Browsers get tokens to put blocks: one that leaks is soon worth nothing. */
export const LONGEST_PUT = 60 * 60 * 1000;
const SECRET_LENGTH = 32;
const SECRET_FILE = "token-secret";
const ALGORITHM = "HS256";

/**
 * Makes a bearer token: a JWT (https://www.rfc-editor.org/rfc/rfc7519) by HMAC-SHA-256 with the claims `scope`, `iat` and `exp`.
 *
 * Throws INVALID_ARGUMENT for a lifetime of less than a second or, for "put", of more than an hour; and for a secret that has not 32 bytes.
 *
 * @example
 * const token = await issueToken(secret, { scope: "put", lifetime: 10 * 60_000 });
 */
export async function issueToken(secret: Uint8Array, { scope, lifetime }: TokenOptions): Promise<string> {
  checkSecret(secret);
  if (!(lifetime >= 1000) || lifetime === Infinity || (scope === "put" && lifetime > LONGEST_PUT)) {
    const details = { scope, lifetime, ...(scope === "put" && { limit: LONGEST_PUT }) };
    throw new CareKeyError("INVALID_ARGUMENT", `A token of scope ${scope} cannot live for ${lifetime} ms`, details);
  }
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(lifetime / 1000))
    .sign(secret);
}

/**
 * Checks the bearer token of a request. Throws TOKEN_REFUSED with `{ status, reason }`: 401 with "missing", "expired" or "invalid", or
 * 403 with "scope" for one that allows less.
 *
 * @example
 * await requireToken(request.headers, "manage", secret);
 */
export async function requireToken(
  { authorization }: IncomingHttpHeaders,
  scope: Scope,
  secret: Uint8Array,
): Promise<void> {
  checkSecret(secret);
  const token = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw refused(401, "missing");
  const granted = await scopeOf(token, secret);
  if (granted !== "manage" && granted !== scope) throw refused(403, "scope");
}

/** The secret of the node whose folder this is: 32 random bytes in a file of mode 0600, made where it is missing. Errors: STORE_FAILED, DISK_FULL. */
export async function tokenSecret(folder: string): Promise<Uint8Array> {
  const path = join(folder, SECRET_FILE);
  const found = await secretIn(path);
  if (found) return found;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await newFile(path, (handle) => handle.writeFile(randomBytes(SECRET_LENGTH)));
  } catch (error) {
    // another process may just have made it; whatever else went wrong, there is none to read
    if (!isCareKeyError(error, "FILE_EXISTS")) throw isCareKeyError(error) ? error : unreadable(error);
  }
  const made = await secretIn(path);
  if (!made) throw unreadable();
  return made;
}

async function secretIn(path: string): Promise<Uint8Array | undefined> {
  let secret: Uint8Array;
  try {
    secret = Uint8Array.from(await readFile(path));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw unreadable(error);
  }
  if (secret.length !== SECRET_LENGTH) throw unreadable();
  return secret;
}

async function scopeOf(token: string, secret: Uint8Array): Promise<Scope> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: [ALGORITHM],
      requiredClaims: ["exp", "iat", "scope"],
    });
    const { scope, exp = 0, iat = 0 } = payload;
    if (scope === "manage") return scope;
    if (scope === "put" && (exp - iat) * 1000 <= LONGEST_PUT) return scope;
  } catch (error) {
    throw refused(401, error instanceof errors.JWTExpired ? "expired" : "invalid", error);
  }
  throw refused(401, "invalid");
}

function refused(status: 401 | 403, reason: string, cause?: unknown): CareKeyError {
  const what = status === 401 ? "The request carries no good token" : "The token does not allow this";
  return new CareKeyError("TOKEN_REFUSED", what, { status, reason }, { cause });
}

function checkSecret({ length }: Uint8Array): void {
  if (length !== SECRET_LENGTH) {
    throw new CareKeyError("INVALID_ARGUMENT", `The secret of tokens has ${length} bytes, not 32`, { length });
  }
}

function unreadable(cause?: unknown): CareKeyError {
  return new CareKeyError("STORE_FAILED", "The secret of tokens cannot be read", { reason: "secret" }, { cause });
}
