import { parseDeployment, type Deployment } from "../chain/deployment.js";
import { keyVersion } from "../chain/keys.js";
import { recordedDeployment } from "../chain/recorded.js";
import { type CareKey, connect } from "../connect.js";
import type { Hex32 } from "../chain/ids.js";
import type { CheckedBy } from "../chain/view.js";
import type { Keyring } from "../crypto/keyring/keyring.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import type { PipelineOptions, Progress } from "../record/context.js";
import { profileLabel } from "../record/derive.js";
import { filePins } from "../record/pins-file.js";
import type { Interruption } from "./interruption.js";
import { type Checking, checkingOf, warnOfOneSource } from "./checking.js";
import { adoptFormer, isFormer } from "./former-profile.js";
import { passphraseOf } from "./passphrase.js";
import {
  type Profile,
  type Settings,
  folderOf,
  homeFolder,
  openProfile,
  pinsFolder,
  readProfile,
  saveProfile,
} from "./profile.js";
import { openStore } from "./stores.js";
import type { Terminal } from "./terminal.js";
import { textOf } from "./text-file.js";

/** What every command works with: who is at work, and how to reach chain and store. */
export interface Session {
  readonly terminal: Terminal;
  readonly home: string;
  readonly profileName: string;
  readonly interruption: Interruption;
  readonly env: NodeJS.ProcessEnv;
  /** How this call wants what the chain says to be checked; the profile says the rest. */
  readonly checking: Checking;
}

/** An actor at work. */
export interface Unlocked {
  readonly carekey: CareKey;
  /** How what the chain says is checked here. */
  readonly checkedBy: CheckedBy;
  /** Label of the compartment that holds the names of the actor's others. */
  readonly profile: Hex32;
  readonly keyring: Keyring;
  /** What opened it. */
  readonly passphrase: string;
  /** Keeps a newer identity in the vault with those that are there, and puts the actor to work with it. */
  readonly withIdentity: (identity: string) => Promise<Unlocked>;
}

/** A session's options as they stand on the command line. */
export interface GlobalOptions extends Checking {
  readonly profile: string;
  readonly json: boolean;
  readonly yes: boolean;
}

/** Builds a session once the command line is parsed. */
export function sessionOf(
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  interruption: Interruption,
  { profile, verify, witness }: GlobalOptions,
): Session {
  const checking = { verify, witness };
  return { env, terminal, interruption, home: homeFolder(env), profileName: profile, checking };
}

/** The session's profile, still locked; one of before there were vaults gets one first. */
export async function profileOf(session: Session): Promise<Profile> {
  const { home, profileName, terminal, interruption } = session;
  const folder = folderOf(home, profileName);
  if (!(await isFormer(folder))) return readProfile(home, profileName);
  terminal.note(`The profile ${profileName} is of before there were vaults; its keys go into one now.`);
  const passphrase = await passphraseOf(session, `Passphrase of ${profileName}`);
  return interruption.careful(() => adoptFormer(folder, profileName, passphrase));
}

/**
 * Unlocks the profile and connects its actor; says so where one node's word is all there is.
 * @throws PROFILE_MISSING, PROFILE_DAMAGED, PASSPHRASE_WRONG, STORE_UNREACHABLE, PROOF_UNAVAILABLE, and what {@link connect} throws
 */
export async function unlock(session: Session): Promise<Unlocked> {
  const profile = await profileOf(session);
  const { settings } = profile;
  const passphrase = await passphraseOf(session, `Passphrase of ${profile.name}`);
  const line = session.terminal.progress();
  line.update("unlocking");
  let unlocked: Unlocked;
  try {
    const opened = await openProfile(profile, passphrase);
    unlocked = await start(session, settings, opened, passphrase);
  } finally {
    line.done();
  }
  warnOfOneSource(session.terminal, unlocked.checkedBy);
  return unlocked;
}

async function start(
  session: Session,
  settings: Settings,
  { wallet: signer, keyring }: Awaited<ReturnType<typeof openProfile>>,
  passphrase: string,
): Promise<Unlocked> {
  const { home, profileName } = session;
  const identities = identitiesIn(keyring);
  const deployment = await deploymentOf(settings);
  const { rpc: provider, policies } = settings;
  const checking = checkingOf(session.checking, settings);
  const where = { provider, deployment, ...checking, store: await openStore(settings.store), policies };
  const pins = filePins(pinsFolder(home, profileName));
  const carekey = await connect({ ...where, signer, identity: identities, pins, keyWait: settings.keyWait });
  return {
    carekey,
    checkedBy: await carekey.checkedBy(),
    profile: profileLabel(identities),
    keyring,
    passphrase,
    withIdentity: async (identity) => {
      const known = keyring.identities[0]?.version ?? 0;
      const version = Math.max(known, await keyVersion(carekey.chain, carekey.address)) + 1;
      keyring.addIdentity({ version, identity });
      await session.interruption.careful(async () => {
        const profile = await profileOf(session);
        await saveProfile(home, { ...profile, vault: keyring.encode() });
      });
      return start(session, settings, { wallet: signer, keyring }, passphrase);
    },
  };
}

/**
 * The profile's record identities, newest first, without chain or store.
 * @throws PROFILE_MISSING, PROFILE_DAMAGED, PASSPHRASE_WRONG
 */
export async function identitiesOf(session: Session): Promise<readonly [string, ...string[]]> {
  const profile = await profileOf(session);
  const { keyring } = await openProfile(profile, await passphraseOf(session, `Passphrase of ${profile.name}`));
  return identitiesIn(keyring);
}

function identitiesIn(keyring: Keyring): readonly [string, ...string[]] {
  const [newest, ...older] = keyring.identities.map(({ identity }) => identity);
  if (newest === undefined) throw new CareKeyError("PROFILE_DAMAGED", "The vault keeps no identity");
  return [newest, ...older];
}

/** The deployment that a profile names, or the one recorded for its chain. */
export async function deploymentOf({
  deployment,
  chainId,
}: Pick<Settings, "deployment" | "chainId">): Promise<Deployment> {
  if (deployment === undefined) return recordedDeployment(chainId);
  const text = await textOf(deployment, `The deployment ${deployment}`);
  try {
    return parseDeployment(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    throw new CareKeyError("INVALID_ARGUMENT", `The deployment ${deployment} is no JSON`, {}, { cause });
  }
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
  if (total === Infinity) return `${step}: ${done}`;
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return `${step}${part === undefined ? "" : `, file ${part + 1}`}: ${percent} %`;
}
