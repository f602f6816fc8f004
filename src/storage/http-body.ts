import { CareKeyError } from "../errors.js";
import { concat } from "../bytes.js";

/** Longest explanation of a refusal that is read. */
const MAX_REFUSAL = 16 * 1024;
/** Longest line of a list: a CID and a few figures. */
const MAX_LINE = 4096;

/** The body of a response. Past `limit` bytes it is left where it is, however long it may be: undefined. */
export async function bodyUpTo(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  const pieces: Uint8Array[] = [];
  let size = declared > limit ? declared : 0;
  const reader = readerOf(response);
  while (size <= limit) {
    const next = await reader?.read();
    if (!next || next.done) return concat(pieces);
    size += next.value.length;
    pieces.push(next.value);
  }
  // the rest is of no interest, nor what becomes of it
  void reader?.cancel().catch(() => undefined);
  return undefined;
}

/** Gives a body piece by piece; undefined where there is none. */
export function readerOf({ body }: Response): ReadableStreamDefaultReader<Uint8Array> | undefined {
  return (body as ReadableStream<Uint8Array> | null)?.getReader();
}

/** What a storage node says of a refusal, as far as it is well-formed; other gateways answer with any text. */
export async function refusalIn(response: Response): Promise<{ code?: unknown; details?: unknown }> {
  try {
    const body = await bodyUpTo(response, MAX_REFUSAL);
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Cuts a body into lines. An unfinished one at its end, or an over-long one, is STORE_FAILED: the list is not whole. */
export class Lines {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The lines that these bytes complete. */
  of(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MAX_LINE) throw broken();
    return lines;
  }

  end(): void {
    if (this.#rest !== "") throw broken();
  }
}

export function broken(cause?: unknown): CareKeyError {
  return new CareKeyError("STORE_FAILED", "The node's list is not whole", { reason: "list" }, { cause });
}
