import type { IncomingMessage } from "node:http";
import { finished } from "node:stream/promises";
import { Dicer } from "@fastify/busboy";
import { CareKeyError } from "../../errors.js";

/** One part of an upload. Its body has to be read before the next part comes; what is left of it is passed over. */
export interface Part {
  /** The file's name as the client gave it, decoded; empty where it gave none. */
  readonly filename: string;
  /** Media type, e.g. "application/x-directory". */
  readonly type: string;
  readonly body: AsyncIterable<Uint8Array>;
}

type Header = Record<string, string[] | undefined>;
type Stream = Dicer.PartStream;

/** Lines of one part's header; the parser itself holds at most 80 KiB of it. */
const MAX_HEADER_LINES = 32;

/**
 * Reads an upload of multipart/form-data (RFC 7578) part by part, at the pace of whoever reads the bodies. Memory stays bounded.
 *
 * Throws INVALID_ARGUMENT for a body that is no such upload or ends too early, and CANCELLED when the sender went away
 * or `signal` stopped it. What a
 * failed upload still sends is read and dropped, so that the sender comes to see the answer.
 *
 * @example
 * for await (const { body } of readParts(request, signal)) await importFile(body, store);
 */
export async function* readParts(request: IncomingMessage, signal: AbortSignal): AsyncGenerator<Part, void, undefined> {
  const upload = new Upload(request, boundaryOf(request), signal);
  let any = false;
  try {
    for (let next = await upload.next(); next; next = await upload.next()) {
      any = true;
      yield partOf(next.header, upload.bodyOf(next.stream));
      // a reader that had enough of a part leaves the rest of it in the way
      await upload.passOver(next.stream);
    }
    if (!any) throw malformed("The upload has no parts");
  } finally {
    upload.stop();
  }
}

/** Turns a parser that pushes parts into one that is asked for them. */
class Upload {
  readonly #request: IncomingMessage;
  readonly #signal: AbortSignal;
  readonly #parser: Dicer;
  readonly #arrived: { readonly header: Header; readonly stream: Stream }[] = [];
  readonly #open = new Set<Stream>();
  #failure: CareKeyError | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(request: IncomingMessage, boundary: string, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
    this.#parser = new Dicer({ boundary, maxHeaderPairs: MAX_HEADER_LINES });
    this.#parser.on("part", (stream) => {
      this.#take(stream);
    });
    this.#parser.on("error", () => {
      this.#fail(malformed("The multipart body ends too early"));
    });
    this.#parser.on("finish", () => {
      this.#ended = true;
      this.#wake?.();
    });
    request.on("close", this.#closed);
    request.on("error", this.#closed);
    signal.addEventListener("abort", this.#aborted);
    request.pipe(this.#parser);
  }

  async next() {
    while (this.#arrived.length === 0 && !this.#failure && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#failure) throw this.#failure;
    return this.#arrived.shift();
  }

  async *bodyOf(stream: Stream): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      // a reader that stops early must not end the stream: the parser would wait for it for good
      yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  async passOver(stream: Stream): Promise<void> {
    stream.resume();
    // its failure is that of the upload
    await finished(stream).catch(() => undefined);
  }

  stop(): void {
    this.#request.off("close", this.#closed);
    this.#signal.removeEventListener("abort", this.#aborted);
    this.#request.unpipe(this.#parser);
    this.#request.resume();
    for (const stream of this.#open) stream.destroy();
  }

  #take(stream: Stream): void {
    this.#open.add(stream);
    stream.on("close", () => this.#open.delete(stream));
    // the parser tells a part of what it tells us anyway
    stream.on("error", () => undefined);
    stream.on("header", (header) => {
      this.#arrived.push({ header: header as Header, stream });
      this.#wake?.();
    });
  }

  readonly #closed = (): void => {
    if (!this.#request.complete) this.#fail(new CareKeyError("CANCELLED", "The sender of an upload went away"));
  };

  readonly #aborted = (): void => {
    this.#fail(new CareKeyError("CANCELLED", "An upload was stopped", {}, { cause: this.#signal.reason }));
  };

  #fail(failure: CareKeyError): void {
    this.#failure ??= failure;
    for (const stream of this.#open) stream.destroy(this.#failure);
    this.#wake?.();
  }
}

function partOf(header: Header, body: AsyncIterable<Uint8Array>): Part {
  const type = header["content-type"]?.[0]?.toLowerCase() ?? "application/octet-stream";
  if (type.startsWith("multipart/")) throw malformed("A part of the upload is itself of several parts");
  return { filename: filenameOf(header), type, body };
}

function boundaryOf(request: IncomingMessage): string {
  const type = request.headers["content-type"] ?? "";
  const boundary = /^multipart\/form-data\s*;/i.test(type) && /;\s*boundary="?([^\s";]{1,70})"?/i.exec(type)?.[1];
  if (!boundary) throw malformed("The body is not multipart/form-data");
  return boundary;
}

function filenameOf(header: Header): string {
  return decoded(/;\s*filename="([^"]*)"/i.exec(header["content-disposition"]?.[0] ?? "")?.[1] ?? "");
}

/** Names of files travel percent-encoded. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw malformed("The name of a part is not percent-encoded UTF-8");
  }
}

function malformed(what: string): CareKeyError {
  return new CareKeyError("INVALID_ARGUMENT", what);
}
