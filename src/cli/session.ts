import { readFile } from "node:fs/promises";

import { Wallet } from "ethers";

import { parseDeployment, type Deployment } from "../chain/deployment.js";
import { recordedDeployment } from "../chain/recorded.js";
import { type CareKey, connect } from "../connect.js";
import { openWithPassphrase } from "../crypto/passphrase.js";
import { CareKeyError } from "../errors.js";
import type { PipelineOptions, Progress } from "../record/context.js";
import { fsStore } from "../storage/fs.js";
import { kuboStoreAt } from "../storage/kubo-url.js";
import type { BlockStore } from "../storage/types.js";
import { type Profile, type Settings, homeFolder, readProfile } from "./profile.js";
import type { Terminal } from "./terminal.js";

/** What every command works with: who is at work, and how to reach chain and store. */
export interface Session {
  readonly terminal: Terminal;
  readonly home: string;
  readonly profileName: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}

/** A session's options as they stand on the command line. */
export interface GlobalOptions {
  readonly profile: string;
  readonly json: boolean;
  readonly yes: boolean;
}

/** Builds a session once the command line is parsed. */
export function sessionOf(
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  signal: AbortSignal,
  { profile }: GlobalOptions,
): Session {
  return { env, terminal, signal, home: homeFolder(env), profileName: profile };
}

/** The session's profile, still locked. */
export function profileOf({ home, profileName }: Session): Promise<Profile> {
  return readProfile(home, profileName);
}

/**
 * The passphrase: the first line of CAREKEY_PASSPHRASE_FILE, else a person's answer.
 * @throws FILE_UNREADABLE, INVALID_ARGUMENT when there is neither
 */
export async function passphraseOf({ env, terminal }: Session, question = "Passphrase"): Promise<string> {
  const file = env.CAREKEY_PASSPHRASE_FILE;
  if (file !== undefined && file !== "") {
    try {
      return (await readFile(file, "utf8")).split(/\r?\n/, 1)[0] ?? "";
    } catch (cause) {
      throw new CareKeyError(
        "FILE_UNREADABLE",
        "CAREKEY_PASSPHRASE_FILE names a file that can't be read",
        {},
        { cause },
      );
    }
  }
  if (!terminal.isInteractive)
    throw new CareKeyError("INVALID_ARGUMENT", "Nobody is there to type the passphrase: set CAREKEY_PASSPHRASE_FILE");
  return terminal.askSecret(question);
}

/**
 * Unlocks the profile and connects its actor.
 * @throws PROFILE_MISSING, PROFILE_DAMAGED, PASSPHRASE_WRONG, STORE_UNREACHABLE, and what {@link connect} throws
 */
export async function unlock(session: Session): Promise<CareKey> {
  const profile = await profileOf(session);
  const { settings } = profile;
  const passphrase = await passphraseOf(session, `Passphrase of ${profile.name}`);
  const identity = new TextDecoder().decode(await openWithPassphrase(profile.identity, passphrase)).trim();
  const signer = await walletOf(profile, passphrase);
  const store = await storeOf(settings);
  return connect({ signer, provider: settings.rpc, deployment: await deploymentOf(settings), store, identity });
}

async function walletOf({ wallet, name }: Profile, passphrase: string): Promise<Wallet> {
  try {
    const opened = await Wallet.fromEncryptedJson(wallet, passphrase);
    return new Wallet(opened.privateKey);
  } catch (cause) {
    // the identity opened under this passphrase, so it is the keystore that is wrong
    throw new CareKeyError(
      "PROFILE_DAMAGED",
      `The wallet of the profile ${name} does not open`,
      { profile: name },
      { cause },
    );
  }
}

/** The deployment that a profile names, or the one recorded for its chain. */
export async function deploymentOf({
  deployment,
  chainId,
}: Pick<Settings, "deployment" | "chainId">): Promise<Deployment> {
  if (deployment === undefined) return recordedDeployment(chainId);
  let text: string;
  try {
    text = await readFile(deployment, "utf8");
  } catch (cause) {
    throw new CareKeyError("FILE_UNREADABLE", `The deployment ${deployment} can't be read`, {}, { cause });
  }
  try {
    return parseDeployment(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    throw new CareKeyError("INVALID_ARGUMENT", `The deployment ${deployment} is no JSON`, {}, { cause });
  }
}

/** The block store that a profile names. */
export function storeOf({ store }: Settings): Promise<BlockStore> {
  return store.kind === "fs" ? fsStore(store.directory) : kuboStoreAt(store.url);
}

/** Runs something long with progress on a terminal, and Ctrl-C as its signal. */
export async function long<T>(
  { terminal, signal }: Session,
  work: (options: PipelineOptions) => Promise<T>,
): Promise<T> {
  const line = terminal.progress();
  try {
    return await work({
      signal,
      onProgress: (progress) => {
        line.update(progressLine(progress));
      },
    });
  } finally {
    line.done();
  }
}

function progressLine({ step, part, done, total }: Progress): string {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return `${step}${part === undefined ? "" : ` part ${part + 1}`} ${percent} %`;
}
