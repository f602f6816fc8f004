import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { systemCode } from "../system-error.js";

/** Nobody but the owner reads what a store keeps, not even its names. */
const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;

/** Makes a directory and its parents (0700) and, with `fsync`, has the disk remember them. One there already stays as it is. */
export async function makeDirectory(path: string, fsync: boolean): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY });
  if (first === undefined || !fsync) return;
  // an entry lasts only once its parent is synced, so every new one needs it
  const top = dirname(resolve(first));
  for (let directory = resolve(path); directory.length > top.length; directory = dirname(directory)) {
    await syncDirectory(dirname(directory));
  }
}

/** Has the disk remember which entries a directory has. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows opens no directories; NTFS journals its entries
  if (process.platform === "win32") return;
  await withFile(await open(path, "r"), (directory) => directory.sync());
}

/** Writes a file of a fresh name in `directory` and returns its path. Leaves none behind when it fails. */
export async function writeTemporary(directory: string, bytes: Uint8Array, fsync: boolean): Promise<string> {
  const path = join(directory, `${randomUUID()}.tmp`);
  const handle = await open(path, "wx", PRIVATE_FILE);
  try {
    await withFile(handle, async (file) => {
      await file.writeFile(bytes);
      if (fsync) await file.datasync();
    });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return path;
}

/** Makes an empty file unless it is there. */
export async function touch(path: string): Promise<void> {
  await withFile(await open(path, "a", PRIVATE_FILE), (file) => file.datasync());
}

/** Reads a file up to one byte more than `limit`, so that the caller sees when it is longer; undefined when there is none. */
export async function readUpTo(path: string, limit: number): Promise<Uint8Array | undefined> {
  const handle = await unlessMissing(open(path, "r"));
  if (!handle) return undefined;
  return withFile(handle, async (file) => {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, limit + 1));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  });
}

/** Removes the files of `directory` that nobody touched for `age` milliseconds. */
export async function sweep(directory: string, age: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    // its writer may just have renamed it
    const found = await unlessMissing(stat(path));
    if (found?.isFile() && Date.now() - found.mtimeMs > age) await rm(path, { force: true });
  }
}

/** Undefined when the file or directory is not there; every other failure passes. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function withFile<T>(handle: FileHandle, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}
