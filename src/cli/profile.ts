import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

import { z } from "zod";

import { CareKeyError } from "../errors.js";

const schema = z.object({
  version: z.literal(1),
  address: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  rpc: z.string().min(1),
  chainId: z.number().int().positive(),
  /** File of the deployment; the one recorded for the chain where it is missing. */
  deployment: z.string().min(1).optional(),
  store: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("fs"), directory: z.string().min(1) }),
    z.object({ kind: z.literal("ipfs"), url: z.string().min(1) }),
  ]),
});

/** One actor's settings: which chain, which store. */
export type Settings = z.infer<typeof schema>;

/** An actor as kept on this machine. */
export interface Profile {
  readonly name: string;
  readonly settings: Settings;
  /** Encrypted JSON keystore of the wallet key. */
  readonly wallet: string;
  /** age file of the record identity, under the same passphrase. */
  readonly identity: Uint8Array;
}

const files = { settings: "profile.json", wallet: "wallet.json", identity: "identity.age" } as const;

/** The folder that holds everything: CAREKEY_HOME, else `carekey` in the XDG data folder. */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  const { CAREKEY_HOME: home = "", XDG_DATA_HOME: data = "" } = env;
  if (home !== "") return path.resolve(home);
  return path.join(data === "" ? path.join(homedir(), ".local", "share") : data, "carekey");
}

/** Where blocks lie unless a profile says otherwise: actors on one machine share them. */
export function defaultBlocks(home: string): string {
  return path.join(home, "blocks");
}

function folderOf(home: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name))
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `${JSON.stringify(name)} is no name for a profile (letters, digits, - and _)`,
    );
  return path.join(home, "profiles", name);
}

/** @throws PROFILE_EXISTS */
export async function requireNoProfile(home: string, name: string): Promise<void> {
  const folder = folderOf(home, name);
  if (await stat(folder).catch(() => undefined))
    throw new CareKeyError("PROFILE_EXISTS", `There is a profile ${name} already`, { profile: name });
}

/**
 * Writes a new profile: all of it or nothing.
 * @throws PROFILE_EXISTS, STORE_FAILED, DISK_FULL
 */
export async function createProfile(home: string, profile: Profile): Promise<void> {
  await requireNoProfile(home, profile.name);
  const folder = folderOf(home, profile.name);
  const temporary = path.join(path.dirname(folder), `.${randomUUID()}`);
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    const contents = {
      settings: `${JSON.stringify(profile.settings, null, 2)}\n`,
      wallet: profile.wallet,
      identity: profile.identity,
    };
    for (const key of ["wallet", "identity", "settings"] as const) {
      const handle = await open(path.join(temporary, files[key]), "wx", 0o600);
      try {
        await handle.writeFile(contents[key]);
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    await rename(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === "EEXIST" || code === "ENOTEMPTY")
      throw new CareKeyError(
        "PROFILE_EXISTS",
        `There is a profile ${profile.name} already`,
        { profile: profile.name },
        { cause },
      );
    throw new CareKeyError(
      code === "ENOSPC" ? "DISK_FULL" : "STORE_FAILED",
      `The profile can't be written (${code ?? "?"})`,
      { code },
      { cause },
    );
  }
}

/**
 * Reads a profile.
 * @throws PROFILE_MISSING, PROFILE_DAMAGED when a file of it is missing or not what it should be
 */
export async function readProfile(home: string, name: string): Promise<Profile> {
  const folder = folderOf(home, name);
  if (!(await stat(folder).catch(() => undefined)))
    throw new CareKeyError("PROFILE_MISSING", `There is no profile ${name} in ${home}`, { profile: name });
  const read = async (key: keyof typeof files): Promise<Buffer> => {
    try {
      return await readFile(path.join(folder, files[key]));
    } catch (cause) {
      throw new CareKeyError(
        "PROFILE_DAMAGED",
        `The profile ${name} lacks its file ${files[key]}`,
        { profile: name, file: files[key] },
        { cause },
      );
    }
  };
  const [settings, wallet, identity] = [await read("settings"), await read("wallet"), await read("identity")];
  try {
    return { name, settings: schema.parse(JSON.parse(settings.toString())), wallet: wallet.toString(), identity };
  } catch (cause) {
    const details = { profile: name, file: files.settings };
    throw new CareKeyError("PROFILE_DAMAGED", `The file ${files.settings} of the profile ${name} is damaged`, details, {
      cause,
    });
  }
}
