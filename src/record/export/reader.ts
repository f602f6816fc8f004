import type { Identity } from "../../crypto/recipients.js";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import path from "node:path";

import { type ByteStream, type OperationOptions, collect } from "../../bytes.js";
import { open as openSealed } from "../../crypto/age.js";
import { throwIfCancelled } from "../../errors.js";
import { exportInvalid } from "./layout.js";

/** Read at once. */
const pieceSize = 1024 * 1024;

/** Longest of the files that are read as a whole: the index of a very long chart. */
const longestText = 512 * 1024 * 1024;

/** Reads an export's files; follows no link. */
export class ExportReader {
  /** @param identity Opens age files; undefined where the export is in the clear, or nobody can. */
  constructor(
    readonly directory: string,
    readonly sealed: boolean,
    readonly identity?: string | Identity,
    private readonly options: OperationOptions = {},
  ) {}

  /** Whether what is sealed can be read. */
  get isOpen(): boolean {
    return !this.sealed || this.identity !== undefined;
  }

  /** The name of a file that holds something personal. */
  personal(name: string): string {
    return this.sealed ? `${name}.age` : name;
  }

  /**
   * The bytes of a file.
   * @throws EXPORT_INVALID where there is none
   */
  async *raw(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const { O_RDONLY, O_NOFOLLOW } = constants;
    const file = path.join(this.directory, ...name.split("/"));
    const handle = await open(file, O_RDONLY | O_NOFOLLOW).catch((cause: unknown) => {
      throw exportInvalid("missing", "A file is missing or can't be read", {}, cause);
    });
    try {
      if (!(await handle.stat()).isFile()) throw exportInvalid("not-a-file", "Something else stands in a file's place");
      for (;;) {
        throwIfCancelled(this.options.signal);
        const piece = new Uint8Array(pieceSize);
        const { bytesRead } = await handle.read(piece, 0, pieceSize);
        if (bytesRead === 0) return;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  /** What a personal file holds, opened where it is sealed. */
  async content(name: string): Promise<ByteStream> {
    const raw = this.raw(this.personal(name));
    if (!this.sealed) return raw;
    if (this.identity === undefined) throw exportInvalid("no-export", "Nobody can open it");
    return (await openSealed(raw, { identity: this.identity }, this.options)).plaintext;
  }

  /** The same by the name that the file has in the folder. */
  contentAt(file: string): Promise<ByteStream> {
    return this.content(this.sealed ? file.slice(0, -".age".length) : file);
  }

  /** All of a personal file. */
  async bytes(name: string, limit = longestText): Promise<Uint8Array> {
    return limited(await this.content(name), limit);
  }

  /** All of a file that is never sealed, as text. */
  async text(name: string): Promise<string> {
    return new TextDecoder().decode(await limited(this.raw(name), longestText));
  }

  /** sha2-256 of a file's bytes, in hex. */
  async sum(name: string): Promise<string> {
    const hash = createHash("sha256");
    for await (const piece of this.raw(name)) hash.update(piece);
    return hash.digest("hex");
  }

  /** Names of all files below a folder, and of what is neither file nor folder. */
  async list(folder = ""): Promise<{ files: string[]; others: string[] }> {
    const found: { files: string[]; others: string[] } = { files: [], others: [] };
    const place = path.join(this.directory, ...folder.split("/"));
    if (!(await lstat(place).catch(() => undefined))?.isDirectory()) return found;
    for (const entry of await readdir(place, { withFileTypes: true })) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        const below = await this.list(name);
        found.files.push(...below.files);
        found.others.push(...below.others);
      } else (entry.isFile() ? found.files : found.others).push(name);
    }
    return found;
  }
}

async function limited(stream: ByteStream, limit: number): Promise<Uint8Array> {
  try {
    return await collect(stream, limit);
  } catch (cause) {
    if (cause instanceof RangeError) throw exportInvalid("form", `A file is longer than ${limit} bytes`, {}, cause);
    throw cause;
  }
}
