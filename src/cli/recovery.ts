import { sha256 } from "@noble/hashes/sha2.js";

import { toHex } from "../bytes.js";
import type { Keyring } from "../crypto/keyring/keyring.js";
import { decodeVault, portableVault } from "../crypto/keyring/vault.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import { type Profile, saveProfile } from "./profile.js";
import { type Session, type Unlocked, profileOf } from "./session.js";

/** Ways to open the vault that must have been tried before the first record. */
const needed = 2;

/** Of the commands that write records. */
export const lossOption = ["--i-accept-loss", "write without two tested ways to open your vault, from now on"] as const;

/** The slots of a profile's vault that were used once and opened. */
export function testedSlots({ vault, settings }: Profile): string[] {
  const known = decodeVault(vault).slots.map(({ id }) => toHex(id));
  return known.filter((id) => settings.recovery.tested.includes(id));
}

/**
 * Lets nobody add records who would lose them with one forgotten passphrase: two slots were tested, or a loss was accepted, now or before.
 * @throws RECOVERY_MISSING, before anything is unlocked
 */
export async function requireRecovery(session: Session, accept: boolean | undefined): Promise<void> {
  const profile = await profileOf(session);
  const { length: tested } = testedSlots(profile);
  if (tested >= needed || profile.settings.recovery.lossAccepted) return;
  if (accept) {
    await remember(session, profile, { lossAccepted: true });
    return;
  }
  const what = `${tested} of ${needed} ways to open your vault are tested; without a second one a forgotten passphrase loses your records`;
  throw new CareKeyError(
    "RECOVERY_MISSING",
    `${what} (carekey vault add-code, carekey vault test, or --i-accept-loss)`,
    {
      tested,
      needed,
    },
  );
}

/** Keeps what became of a profile's recovery, and a changed vault with it. Reads the profile anew: it may have changed meanwhile. */
export async function remember(
  { home }: Session,
  profile: Profile,
  change: { tested?: readonly string[]; lossAccepted?: boolean; published?: string; keyring?: Keyring },
): Promise<Profile> {
  const { keyring, tested = [], ...rest } = change;
  const known = profile.settings.recovery;
  const recovery = { ...known, ...rest, tested: [...new Set([...known.tested, ...tested])] };
  const vault = keyring?.encode() ?? profile.vault;
  const changed = { ...profile, vault, settings: { ...profile.settings, recovery } };
  const saved = {
    ...changed,
    settings: { ...changed.settings, recovery: { ...recovery, tested: testedSlots(changed) } },
  };
  await saveProfile(home, saved);
  return saved;
}

/**
 * Puts the vault where a blank machine finds it, unless nothing but a passphrase opens it.
 * @param anew Looks even where it was published before: the store may have lost it.
 * @returns what is published now; undefined where nothing can be
 */
export async function publishedVault(
  session: Session,
  { carekey }: Unlocked,
  { anew = false } = {},
): Promise<string | undefined> {
  const profile = await profileOf(session);
  const { published } = profile.settings.recovery;
  const digest = publicDigest(profile);
  if (digest === undefined || (digest === published && !anew)) return digest;
  await carekey.publishVault(profile.vault);
  await remember(session, profile, { published: digest });
  return digest;
}

/** sha2-256 of a profile's vault as it may be published; undefined where nothing but a passphrase opens it. */
export function publicDigest({ vault }: Profile): string | undefined {
  try {
    return toHex(sha256(portableVault(vault)));
  } catch (error) {
    if (isCareKeyError(error, "RECOVERY_MISSING")) return undefined;
    throw error;
  }
}
