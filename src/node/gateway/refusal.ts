import type { ServerResponse } from "node:http";

import { CareKeyError, type ErrorDetails, isCareKeyError } from "../../errors.js";
import { breakOff, sendWhole } from "../stream.js";

/** What a request has to do otherwise, with the HTTP status that says so. */
export function refusal(status: number, what: string, details: ErrorDetails = {}): CareKeyError {
  return new CareKeyError("INVALID_ARGUMENT", what, { status, ...details });
}

/** Whether a request brought the blocks that turn out wrong, or asked for them. */
export type Direction = "brings" | "asks";

/** Answers with the failure's status and `{ code, message, details }`, without what only the operator is to know. */
export function refuse(response: ServerResponse, error: unknown, direction: Direction): void {
  if (response.headersSent || response.destroyed) {
    // too late for a status: a body that breaks off is the only way to say that it is not whole
    breakOff(response);
    return;
  }
  const status = statusOf(error, direction);
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  response.setHeader("cache-control", "no-store");
  sendJson(response, status, bodyOf(error, status));
}

/** Answers with a JSON document; of one to a HEAD, Node sends the headers alone. */
export function sendJson(response: ServerResponse, status: number, document: object): void {
  const headers = { "content-type": "application/json", "x-content-type-options": "nosniff" };
  sendWhole(response, status, headers, `${JSON.stringify(document)}\n`);
}

function statusOf(error: unknown, direction: Direction): number {
  if (!isCareKeyError(error)) return 500;
  switch (error.code) {
    case "BLOCK_MISSING":
      return 404;
    case "BLOCK_INVALID":
      return direction === "brings" ? 400 : 500;
    case "ERASURE_NOT_DEMANDED":
      return 409;
    case "DISK_FULL":
      return 507;
    case "TOKEN_REFUSED":
      return error.details.status === 403 ? 403 : 401;
    case "INVALID_ARGUMENT":
      return typeof error.details.status === "number" ? error.details.status : 400;
    default:
      return 500;
  }
}

function bodyOf(error: unknown, status: number): object {
  // the text of a foreign error may carry paths of the machine
  if (!isCareKeyError(error)) return { code: "UNFORESEEN", message: "The node failed", details: {} };
  const { code, what: message, details } = error;
  // a store's details, e.g. an address behind this node, are the operator's matter
  const told = status === 500 && code !== "BLOCK_INVALID" ? {} : details;
  return { code, message, details: told };
}
