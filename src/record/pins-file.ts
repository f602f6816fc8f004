import { readdir, rename, rm } from "node:fs/promises";
import path from "node:path";

import { getAddress, isAddress, isHexString } from "ethers";
import { z } from "zod";

import { CareKeyError } from "../errors.js";
import { makeDirectory, readUpTo, syncDirectory, unlessMissing, writeTemporary } from "../storage/fs-files.js";
import { writeFailure } from "../system-error.js";
import { type Pin, type PinPlace, type PinStore, pinName, reasons } from "./pins.js";

/** Longest file of a pin. */
const limit = 4096;
const extension = ".json";

const count = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const time = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const digest = z.string().refine((value) => isHexString(value, 32));
const address = z
  .string()
  .refine((value) => isAddress(value))
  .transform((value) => getAddress(value));

const schema = z.object({
  chainId: count,
  registry: address,
  actor: address,
  version: count,
  digest,
  because: z.enum(reasons),
  seenAt: time,
  held: z.object({ version: count, digest, since: time }).optional(),
});

/**
 * Pins on disk: one file (0600) for each actor in `directory`, which is made (0700) where it is missing. Each is written beside and renamed,
 * so that it is there whole or not at all; several processes may share the directory.
 *
 * Throws PINS_DAMAGED with `{ actor }` for a file that is no pin, STORE_FAILED or DISK_FULL with the system's `{ code }`.
 *
 * @example
 * const carekey = await connect({ …, pins: filePins(join(home, "pins")) });
 */
export function filePins(directory: string): PinStore {
  const fileOf = (place: PinPlace): string => path.join(directory, pinName(place) + extension);
  return {
    get: (place) => attempt(() => readPin(fileOf(place), place)),
    put: (pin) =>
      attempt(async () => {
        await makeDirectory(directory, true);
        const temporary = await writeTemporary(directory, Buffer.from(`${JSON.stringify(pin, null, 2)}\n`), true);
        try {
          await rename(temporary, fileOf(pin));
        } catch (error) {
          await rm(temporary, { force: true });
          throw error;
        }
        await syncDirectory(directory);
      }),
    list: () =>
      attempt(async () => {
        const names = ((await unlessMissing(readdir(directory))) ?? [])
          .filter((name) => name.endsWith(extension))
          .sort();
        const pins = await Promise.all(names.map((name) => readPin(path.join(directory, name))));
        return pins.filter((pin) => pin !== undefined);
      }),
  };
}

/** The pin in a file, which has to be of this place where one is given; undefined where there is no file. */
async function readPin(file: string, place?: PinPlace): Promise<Pin | undefined> {
  const bytes = await readUpTo(file, limit);
  if (!bytes) return undefined;
  try {
    const pin = schema.parse(JSON.parse(Buffer.from(bytes).toString()));
    // a file that was copied over another actor's would vouch for a key that is not theirs
    if (pinName(pin) + extension !== path.basename(file)) throw new Error("of another place");
    return pin;
  } catch (cause) {
    const actor = place?.actor ?? path.basename(file, extension).split("-").at(-1);
    throw new CareKeyError("PINS_DAMAGED", `The pin of ${actor} is damaged`, { actor }, { cause });
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw writeFailure("The pins of others' keys can't be read or written", cause);
  }
}
