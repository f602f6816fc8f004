import type { IncomingMessage } from "node:http";
import { isCareKeyError } from "../../errors.js";

/** True for a request that a page in a browser may have sent: the RPC is for programs, as Kubo's own is unless told otherwise. */
export function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers.referer !== undefined || /^mozilla/i.test(headers["user-agent"] ?? "");
}

/** The status for a refused token: 403 where the refusal says so in its details, 401 otherwise. */
export function refusedStatus(error: unknown): 401 | 403 {
  return isCareKeyError(error) && error.details.status === 403 ? 403 : 401;
}
