import { z } from "zod";
import { CareKeyError } from "../../errors.js";
import { MAX_BLOCK } from "../../storage/types.js";
import { type ImportedFile, type ImportTarget, importFile } from "../../storage/unixfs/import.js";
import { PROFILE } from "../../storage/unixfs/node.js";
import { flag, none, only } from "./arguments.js";
import { type Call, command } from "./command.js";
import { all, each, reporting } from "./lines.js";
import { type Part, readParts } from "./multipart.js";

/** One fixed size of chunks, e.g. "size-1048576". */
const chunker = z
  .string()
  .default("default")
  .transform((text) => (text === "default" ? PROFILE.chunk : Number(/^size-(\d{1,7})$/.exec(text)?.[1])))
  .refine((size) => size > 0 && size <= MAX_BLOCK, `only size-N, where N is at most ${MAX_BLOCK}`);

/** Computes CIDs and keeps nothing. */
const nothing: ImportTarget = {
  has: () => Promise.resolve(true),
  putMany: () => Promise.resolve(),
  delete: () => Promise.resolve(),
};

/**
 * Adds each part of an upload as a file of its own, pinned unless told otherwise. The CIDs are those of Kubo's profile
 * unixfs-v1-2025. What would lead to others is refused: version 0, leaves that are not raw, other hashes and chunkers,
 * directories, times and modes.
 */
export const add = command(
  {
    chunker,
    pin: flag.default(true),
    "only-hash": flag.default(false),
    "cid-version": only("1"),
    "raw-leaves": only("true"),
    hash: only("sha2-256"),
    trickle: only("false"),
    inline: only("false"),
    nocopy: only("false"),
    "wrap-with-directory": only("false"),
    mode: none,
    mtime: none,
    "preserve-mode": only("false"),
    "preserve-mtime": only("false"),
    progress: flag.default(false),
  },
  async (options, call) => {
    const lines = adding(options, call);
    if (options.progress) return { lines };
    // told at the end, so that a failure of a later file still has its status
    return { lines: each(await all(lines)) };
  },
);

interface Options {
  readonly chunker: number;
  readonly pin: boolean;
  readonly "only-hash": boolean;
  readonly progress: boolean;
}

type Line =
  | { readonly Name: string; readonly Bytes: number }
  | { readonly Name: string; readonly Hash: string; readonly Size: string };

async function* adding(
  options: Options,
  { store, uploads, request, signal }: Call,
): AsyncGenerator<Line, void, undefined> {
  const shape = { chunk: options.chunker, children: PROFILE.children };
  for await (const part of readParts(request, signal)) {
    checkPlain(part);
    const { filename: Name, body } = part;
    const importing = reporting<number, ImportedFile>((onProgress) =>
      options["only-hash"]
        ? importFile(body, nothing, { shape, signal, onProgress })
        : uploads.run(async (upload) => {
            const file = await importFile(body, upload, { shape, signal, onProgress });
            if (options.pin) await store.pin(file.cid, { signal });
            return file;
          }),
    );
    let step = await importing.next();
    for (; !step.done; step = await importing.next()) if (options.progress) yield { Name, Bytes: step.value };
    const { cid, tsize } = step.value;
    const Hash = cid.toString();
    yield { Name: Name || Hash, Hash, Size: String(tsize) };
  }
}

/** What a part says of the file's mode and time is passed over, as Kubo does unless asked to preserve it. */
function checkPlain({ filename, type }: Part): void {
  const link = type === "application/x-symlink";
  if (!link && type !== "application/x-directory" && !filename.includes("/")) return;
  throw new CareKeyError("INVALID_ARGUMENT", `${link ? "Links" : "Directories"} are not kept: add plain files`);
}
