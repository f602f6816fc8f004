import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

import { Wallet, isKeystoreJson } from "ethers";
import { z } from "zod";

import { openWithPassphrase } from "../crypto/passphrase.js";
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

/** How every age file begins. */
const ageMagic = "age-encryption.org/v1\n";

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
  const read = (key: keyof typeof files): Promise<Buffer> =>
    readFile(path.join(folder, files[key])).catch((cause: unknown) => {
      throw damaged(name, key, cause);
    });
  const [settings, wallet, identity] = [await read("settings"), await read("wallet"), await read("identity")];
  if (!isKeystoreJson(wallet.toString())) throw damaged(name, "wallet");
  if (!identity.toString("latin1").startsWith(ageMagic)) throw damaged(name, "identity");
  try {
    return { name, settings: schema.parse(JSON.parse(settings.toString())), wallet: wallet.toString(), identity };
  } catch (cause) {
    throw damaged(name, "settings", cause);
  }
}

/**
 * Opens the keys of a profile.
 * @throws PASSPHRASE_WRONG, PROFILE_DAMAGED when the passphrase opens one of them only, or the wallet is of another account
 */
export async function openProfile(
  { name, settings, wallet, identity }: Profile,
  passphrase: string,
): Promise<{ wallet: Wallet; identity: string }> {
  const openWallet = async (): Promise<Wallet> => {
    const { privateKey } = await Wallet.fromEncryptedJson(wallet, passphrase);
    return new Wallet(privateKey);
  };
  let opened: Uint8Array;
  try {
    opened = await openWithPassphrase(identity, passphrase);
  } catch (wrong) {
    // of the two files, each says of the other whether it is damaged
    const right = await openWallet().catch(() => undefined);
    throw right ? damaged(name, "identity", wrong) : wrong;
  }
  const own = await openWallet().catch((cause: unknown) => {
    throw damaged(name, "wallet", cause);
  });
  if (own.address.toLowerCase() !== settings.address.toLowerCase()) throw damaged(name, "wallet");
  return { wallet: own, identity: new TextDecoder().decode(opened).trim() };
}

function damaged(profile: string, key: keyof typeof files, cause?: unknown): CareKeyError {
  const file = files[key];
  const what = `The file ${file} of the profile ${profile} is missing or damaged`;
  return new CareKeyError("PROFILE_DAMAGED", what, { profile, file }, { cause });
}
