import type { ServerResponse } from "node:http";
import { isCareKeyError } from "../../errors.js";
import { sendStream, sendWhole } from "../stream.js";
import type { Answer } from "./command.js";

/**
 * Sends an answer as Kubo does, at the pace of the client. What fails before the first byte is thrown, so that it can still be
 * told. What fails later breaks the connection: stock JavaScript clients pass over Kubo's X-Stream-Error trailer and would take
 * the beginning for the whole.
 */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if ("refusal" in answer) {
    refuse(response, 500, answer.refusal);
  } else if ("document" in answer) {
    response.writeHead(200, { "content-type": "application/json" }).end(line(answer.document));
  } else if ("lines" in answer) {
    await sendStream(response, { "content-type": "application/json", "x-chunked-output": "1" }, linesOf(answer.lines));
  } else {
    const length = answer.length === undefined ? {} : { "x-content-length": answer.length };
    await sendStream(response, { "content-type": answer.type, "x-stream-output": "1", ...length }, answer.bytes);
  }
}

/** A refusal in the form of all of Kubo's commands. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  const body = { Message: message, Code: 0, Type: "error" };
  sendWhole(response, status, { "content-type": "application/json" }, line(body));
}

/** A refusal before any command: plain text, as Kubo's HTTP layer has it. */
export function refusePlainly(response: ServerResponse, status: number, text: string): void {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  sendWhole(response, status, headers, `${text}\n`);
}

/** Status and text for a failure. The clients tell failures apart by Kubo's texts alone. */
export function refusalOf(error: unknown, takesBlocks: boolean): { status: number; message: string } {
  // never the text of a foreign error, which may carry paths
  if (!isCareKeyError(error)) return { status: 500, message: "internal error" };
  const message = `${error.what} [${error.code}]`;
  if (error.code === "INVALID_ARGUMENT" || (takesBlocks && error.code === "BLOCK_INVALID"))
    return { status: 400, message };
  if (error.code === "DISK_FULL") return { status: 507, message };
  return { status: 500, message: error.code === "BLOCK_MISSING" ? missing(error.details.cid) : message };
}

/** Kubo's words for a block that it does not have and, being offline, does not look for. */
function missing(cid: unknown): string {
  return `block was not found locally (offline): ipld: could not find ${String(cid)}`;
}

async function* linesOf(values: AsyncIterable<unknown>): AsyncGenerator<string, void, undefined> {
  for await (const value of values) yield line(value);
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
