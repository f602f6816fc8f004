import { readFile } from "node:fs/promises";

import { parseDeployment, type Deployment } from "../chain/deployment.js";
import { recordedDeployment } from "../chain/recorded.js";
import { type CareKey, connect } from "../connect.js";
import type { Hex32 } from "../chain/ids.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import type { PipelineOptions, Progress } from "../record/context.js";
import { profileLabel } from "../record/derive.js";
import { fsStore } from "../storage/fs.js";
import { kuboStoreAt } from "../storage/kubo-url.js";
import type { BlockStore } from "../storage/types.js";
import type { Interruption } from "./interruption.js";
import { type Profile, type Settings, homeFolder, openProfile, readProfile } from "./profile.js";
import type { Terminal } from "./terminal.js";

/** What every command works with: who is at work, and how to reach chain and store. */
export interface Session {
  readonly terminal: Terminal;
  readonly home: string;
  readonly profileName: string;
  readonly interruption: Interruption;
  readonly env: NodeJS.ProcessEnv;
}

/** An actor at work. */
export interface Unlocked {
  readonly carekey: CareKey;
  /** Label of the compartment that holds the names of the actor's others. */
  readonly profile: Hex32;
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
  interruption: Interruption,
  { profile }: GlobalOptions,
): Session {
  return { env, terminal, interruption, home: homeFolder(env), profileName: profile };
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
export async function unlock(session: Session): Promise<Unlocked> {
  const profile = await profileOf(session);
  const { settings } = profile;
  const passphrase = await passphraseOf(session, `Passphrase of ${profile.name}`);
  const line = session.terminal.progress();
  line.update("unlocking");
  try {
    const { identity, wallet: signer } = await openProfile(profile, passphrase);
    const deployment = await deploymentOf(settings);
    const store = await storeOf(settings);
    const carekey = await connect({ signer, provider: settings.rpc, deployment, store, identity });
    return { carekey, profile: profileLabel(identity) };
  } finally {
    line.done();
  }
}

/**
 * The profile's record identity, without chain or store.
 * @throws PROFILE_MISSING, PROFILE_DAMAGED, PASSPHRASE_WRONG
 */
export async function identityOf(session: Session): Promise<string> {
  const profile = await profileOf(session);
  return (await openProfile(profile, await passphraseOf(session, `Passphrase of ${profile.name}`))).identity;
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

/**
 * The block store that a profile names.
 * @throws STORE_UNREACHABLE, STORE_FAILED
 */
export function storeOf({ store }: Pick<Settings, "store">): Promise<BlockStore> {
  return store.kind === "fs" ? fsStore(store.directory) : kuboStoreAt(store.url);
}

/** Runs something long with progress on a terminal, and Ctrl-C as its signal. */
export async function long<T>(
  { terminal, interruption }: Session,
  work: (options: PipelineOptions) => Promise<T>,
): Promise<T> {
  const line = terminal.progress();
  const onProgress = (progress: Progress): void => {
    line.update(interruption.happened ? "cleaning up" : progressLine(progress));
  };
  try {
    return await interruption.careful((signal) => work({ signal, onProgress }));
  } catch (cause) {
    if (!interruption.happened || (isCareKeyError(cause) && !isCareKeyError(cause, "CANCELLED"))) throw cause;
    throw new CareKeyError("CANCELLED", "Interrupted", {}, { cause });
  } finally {
    line.done();
  }
}

function progressLine({ step, part, done, total }: Progress): string {
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return `${step}${part === undefined ? "" : `, file ${part + 1}`}: ${percent} %`;
}
