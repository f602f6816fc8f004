import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readFile, readdir, rename, rm, rmdir } from "node:fs/promises";
import path from "node:path";

import type { ByteStream } from "../../bytes.js";
import { CareKeyError } from "../../errors.js";
import { syncDirectory, unlessMissing } from "../../storage/fs-files.js";
import { systemCode, writeFailure } from "../../system-error.js";
import { names, toJson } from "./layout.js";
import { sumsText } from "./sums.js";

/** Says that a folder is an unfinished export, and which: no other is ever cleared. */
const markerName = ".carekey-export.json";

/** An export being written: beside its folder under `<folder>.partial`, which is renamed when all of it is there. Files are new ones (0600); no link is followed. */
export class ExportFolder {
  readonly #sums = new Map<string, string>();

  private constructor(
    private readonly target: string,
    /** Where it is written. */
    readonly partial: string,
  ) {}

  /**
   * Begins an export, or takes up one of the same kind that was interrupted.
   * @param kind What distinguishes this export from others.
   * @throws FILE_EXISTS for a folder that holds something, or that is none; DISK_FULL, STORE_FAILED
   */
  static async begin(directory: string, kind: object): Promise<ExportFolder> {
    const target = path.resolve(directory);
    const partial = `${target}.partial`;
    return written(async () => {
      await requireEmpty(target);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      const marker = toJson(kind);
      const isNew = (await mkdir(partial, { mode: 0o700 }).catch(unlessExists)) !== "exists";
      const folder = new ExportFolder(target, partial);
      if (isNew) await folder.#create(markerName, [Buffer.from(marker)]);
      else await folder.#takeUp(marker);
      return folder;
    });
  }

  /** Makes a folder of it, and those above; one there already is no error. */
  async makeFolder(name: string): Promise<void> {
    await written(() => mkdir(this.#path(name), { recursive: true, mode: 0o700 }));
  }

  /** Removes a file or folder of it. */
  async remove(name: string): Promise<void> {
    await written(() => rm(this.#path(name), { recursive: true, force: true }));
    for (const known of this.#sums.keys()) if (known.startsWith(`${name}/`)) this.#sums.delete(known);
  }

  /**
   * Writes a new file.
   * @throws DISK_FULL, STORE_FAILED, and what the stream throws; nothing of the file is left then
   */
  async write(name: string, content: ByteStream | Uint8Array | string): Promise<void> {
    const stream =
      typeof content === "string" ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
    this.#sums.set(name, await written(() => this.#create(name, stream)));
  }

  /** Counts a file in that is there already and was checked. */
  keep(name: string, sha256: string): void {
    this.#sums.set(name, sha256);
  }

  /** Names of what is in a folder of it, none where it is missing. */
  async list(name: string): Promise<string[]> {
    return (await unlessMissing(readdir(this.#path(name)))) ?? [];
  }

  /** Writes the sums of all files and gives the folder its name. */
  async finish(): Promise<void> {
    await this.write(names.sums, sumsText(this.#sums));
    await written(async () => {
      await rm(this.#path(markerName));
      await syncDirectory(this.partial);
      // an empty folder may stand there; whatever else came meanwhile makes this fail
      if (await unlessMissing(lstat(this.target))) await rmdir(this.target);
      await rename(this.partial, this.target);
      await syncDirectory(path.dirname(this.target));
    });
  }

  #path(name: string): string {
    return path.join(this.partial, ...name.split("/"));
  }

  async #create(name: string, stream: ByteStream): Promise<string> {
    const file = this.#path(name);
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const handle = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      const hash = createHash("sha256");
      try {
        for await (const chunk of stream) {
          hash.update(chunk);
          // unlike write(), this writes all of the chunk or fails
          await handle.writeFile(chunk);
        }
        await handle.datasync();
      } finally {
        await handle.close();
      }
      return hash.digest("hex");
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  /** Of an interrupted export the records are kept, to be checked; all else is written anew. */
  async #takeUp(marker: string): Promise<void> {
    const isFolder = (await lstat(this.partial)).isDirectory();
    const known = isFolder ? await unlessMissing(readFile(this.#path(markerName), "utf8")) : undefined;
    if (known !== marker)
      throw new CareKeyError("FILE_EXISTS", "Beside the folder stands another one with .partial at its end", {
        reason: "partial",
      });
    for (const entry of await readdir(this.partial))
      if (entry !== markerName && entry !== names.records)
        await rm(this.#path(entry), { recursive: true, force: true });
    const records = await unlessMissing(lstat(this.#path(names.records)));
    if (records && !records.isDirectory()) await rm(this.#path(names.records));
  }
}

async function requireEmpty(target: string): Promise<void> {
  const found = await unlessMissing(lstat(target));
  if (!found) return;
  if (found.isDirectory() && (await readdir(target)).length === 0) return;
  throw new CareKeyError("FILE_EXISTS", "The folder for the export holds something already, or is none", {});
}

function unlessExists(error: unknown): "exists" {
  if (systemCode(error) === "EEXIST") return "exists";
  throw error;
}

/** Turns what a file system says into one of our errors; `where` tells it from trouble with a store. */
async function written<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw writeFailure("The export can't be written", cause, { where: "export" });
  }
}

/** True for what was wrong with the folder that is written to. */
export function isFolderTrouble(error: CareKeyError): boolean {
  return error.code === "FILE_EXISTS" || error.details.where === "export";
}
