import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

import { Wallet, hexlify } from "ethers";
import { z } from "zod";

import { Keyring } from "../crypto/keyring/keyring.js";
import { decodeVault, requireOwner } from "../crypto/keyring/vault.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import { replaceFile } from "../new-file.js";
import { systemCode, writeFailure } from "../system-error.js";
import { checks } from "./checking.js";
import { policySchema, storeSettings } from "./store-settings.js";

const schema = z.object({
  version: z.literal(1),
  address: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  rpc: z.string().min(1),
  /** How what the chain says is checked; the best that its node gives where it is missing. */
  verify: z.enum(checks).optional(),
  /** Somebody else's node, which the first is compared with. */
  witness: z.string().min(1).optional(),
  chainId: z.number().int().positive(),
  /** File of the deployment; the one recorded for the chain where it is missing. */
  deployment: z.string().min(1).optional(),
  /** Seconds for which a newer key of somebody else's waits unless it is confirmed; a day where it is missing. */
  keyWait: z.number().int().nonnegative().optional(),
  store: storeSettings,
  /** How a pool keeps what belongs to a compartment, by its label. */
  policies: z.record(z.string().regex(/^0x[0-9a-f]{64}$/), policySchema).optional(),
  /** What is known of the ways to open the vault again. */
  recovery: z
    .object({
      /** Ids of slots that were used once and opened. */
      tested: z.array(z.string()),
      /** The person said that a loss may be final. */
      lossAccepted: z.boolean(),
      /** Digest of the vault that was published last. */
      published: z.string().optional(),
    })
    .default({ tested: [], lossAccepted: false }),
});

/** One actor's settings: which chain, which store, which ways back. */
export type Settings = z.infer<typeof schema>;

/** An actor as kept on this machine. */
export interface Profile {
  readonly name: string;
  readonly settings: Settings;
  /** The vault's file: identities and wallet key, behind its slots (docs/format.md §17). */
  readonly vault: Uint8Array;
}

const files = { settings: "profile.json", vault: "vault.carekey" } as const;

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

/** Where a profile lies. Throws INVALID_ARGUMENT for a name that is none. */
export function folderOf(home: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name))
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `${JSON.stringify(name)} is no name for a profile (letters, digits, - and _)`,
    );
  return path.join(home, "profiles", name);
}

/** File that keeps what was listed of a profile's own chart, sealed to its identity. */
export function chartCache(home: string, name: string): string {
  return path.join(folderOf(home, name), "chart.age");
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
    await writeNew(path.join(temporary, files.vault), profile.vault);
    await writeNew(path.join(temporary, files.settings), encodeSettings(profile.settings));
    await rename(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    const code = systemCode(cause);
    if (code === "EEXIST" || code === "ENOTEMPTY")
      throw new CareKeyError(
        "PROFILE_EXISTS",
        `There is a profile ${profile.name} already`,
        { profile: profile.name },
        { cause },
      );
    throw writeFailure("The profile can't be written", cause);
  }
}

/**
 * Writes a profile's vault or settings anew; interrupted, the old file stays.
 * @throws STORE_FAILED, DISK_FULL
 */
export function saveProfile(home: string, profile: Profile): Promise<void> {
  return writeProfile(folderOf(home, profile.name), profile);
}

/** The same in a folder. */
export async function writeProfile(folder: string, { vault, settings }: Omit<Profile, "name">): Promise<void> {
  for (const [file, content] of [
    [files.vault, vault],
    [files.settings, encodeSettings(settings)],
  ] as const) {
    await replaceFile(path.join(folder, file), content, "The profile");
  }
}

async function writeNew(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function encodeSettings(settings: Settings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

/**
 * Reads a profile.
 * @throws PROFILE_MISSING, PROFILE_DAMAGED when a file of it is missing or not what it should be
 */
export async function readProfile(home: string, name: string): Promise<Profile> {
  const folder = folderOf(home, name);
  if (!(await stat(folder).catch(() => undefined)))
    throw new CareKeyError("PROFILE_MISSING", `There is no profile ${name} in ${home}`, { profile: name });
  const settings = await readSettings(folder, name);
  const vault = await readPart(folder, name, "vault");
  try {
    requireOwner(decodeVault(vault), { chainId: settings.chainId, actor: settings.address });
  } catch (cause) {
    throw damaged(name, "vault", cause);
  }
  return { name, settings, vault };
}

/** The settings of a profile. Throws PROFILE_DAMAGED. */
export async function readSettings(folder: string, name: string): Promise<Settings> {
  const text = new TextDecoder().decode(await readPart(folder, name, "settings"));
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(name, "settings", cause);
  }
}

async function readPart(folder: string, name: string, key: keyof typeof files): Promise<Uint8Array> {
  try {
    // a Buffer would not pass for plain bytes everywhere
    return new Uint8Array(await readFile(path.join(folder, files[key])));
  } catch (cause) {
    throw damaged(name, key, cause);
  }
}

/**
 * Opens the keys of a profile.
 * @throws PASSPHRASE_WRONG; PROFILE_DAMAGED when the vault keeps no wallet, or that of another account
 */
export async function openProfile(
  { name, settings, vault }: Profile,
  passphrase: string,
): Promise<{ wallet: Wallet; keyring: Keyring }> {
  try {
    const { keyring } = await Keyring.open(vault, { kind: "passphrase", passphrase });
    return { wallet: walletOf(keyring, settings.address), keyring };
  } catch (cause) {
    throw isCareKeyError(cause, "VAULT_DAMAGED") || isCareKeyError(cause, "VAULT_MISMATCH")
      ? damaged(name, "vault", cause)
      : cause;
  }
}

/**
 * The wallet that a vault keeps.
 * @throws VAULT_MISMATCH when there is none, or another account's
 */
export function walletOf(keyring: Keyring, address: string): Wallet {
  const key = keyring.wallet;
  const wallet = key && new Wallet(hexlify(key));
  if (wallet?.address.toLowerCase() === address.toLowerCase()) return wallet;
  throw new CareKeyError("VAULT_MISMATCH", "The vault does not keep this account's wallet", { field: "wallet" });
}

/** The folder of the keys of others that an actor has seen. */
export function pinsFolder(home: string, name: string): string {
  return path.join(folderOf(home, name), "pins");
}

function damaged(profile: string, key: keyof typeof files, cause?: unknown): CareKeyError {
  const file = files[key];
  const what = `The file ${file} of the profile ${profile} is missing or damaged`;
  return new CareKeyError("PROFILE_DAMAGED", what, { profile, file }, { cause });
}
