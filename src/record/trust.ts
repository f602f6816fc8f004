import { type Hex32, checkAddress } from "../chain/ids.js";
import { type PublishedKey, publishedKey } from "../chain/keys.js";
import { type View, viewOf } from "../chain/view.js";
import { recipientFromBytes } from "../crypto/recipients.js";
import { CareKeyError } from "../errors.js";
import type { Context } from "./context.js";
import { isOwnRecipient } from "./identities.js";
import type { Pin, PinPlace } from "./pins.js";

/** How long a newer key waits unless it is confirmed or the caller says otherwise: a day, in seconds. */
export const defaultKeyWait = 24 * 60 * 60;

/** A newer key that is not sealed to yet. */
export interface HeldKey {
  readonly actor: string;
  readonly version: number;
  /** To be compared with what the actor reads out: see {@link fingerprintOf}. */
  readonly fingerprint: string;
  /** Second since 1970 from which on it is sealed to without a confirmation. */
  readonly until: number;
}

/** An actor's newest key as this client sees it. */
export type SeenKey =
  | { readonly standing: "trusted"; readonly key: PublishedKey; readonly pin: Pin }
  | { readonly standing: "held"; readonly key: PublishedKey; readonly pin: Pin; readonly held: HeldKey };

/** What looking at keys needs of an actor. */
export type Looking = Pick<Context, "chain" | "pins" | "keyWait">;

/** First half of a key's digest, 128 bits: eight groups of four hex digits, as people compare them. */
export function fingerprintOf(digest: Hex32): string {
  return (digest.slice(2, 34).match(/.{4}/g) ?? []).join(" ");
}

/**
 * Looks at the newest key of an actor and compares it with what was seen of them before. What was never seen is believed and pinned (trust at
 * first sight). A newer version is held until it was published `keyWait` seconds ago by this machine's clock, or is confirmed.
 *
 * @param at The newest block where omitted.
 * @returns undefined where the actor has published no key
 * @throws KEY_CHANGED when what the node says now can't follow from what it said before: another key under the same number, a lower
 * number, another time of publication, or one well before the older key was last seen to be the newest. CHAIN_INCONSISTENT, PINS_DAMAGED
 */
export async function lookAtKey(context: Looking, actor: string, at?: View): Promise<SeenKey | undefined> {
  const { chain, pins } = context;
  const place = placeOf(context, actor);
  const pin = await pins.get(place);
  // one block for both, so that a key published in between is not taken for one that was hidden
  const view = at ?? (await viewOf(chain));
  const seenAt = view.block.time;
  const key = await publishedKey(chain, place.actor, view);
  if (!pin) {
    if (!key) return undefined;
    return trust(context, { ...place, ...named(key), because: "first sight", seenAt }, key);
  }
  if (!key) throw changed(pin, 0, "The node shows no key");
  requireExplained(pin, key);
  const latest = Math.max(pin.seenAt, seenAt);
  if (key.version === pin.version) return trust(context, { ...pin, seenAt: latest }, key);
  const until = key.since + context.keyWait;
  if (until <= Date.now() / 1000)
    return trust(context, { ...place, ...named(key), because: "waiting time", seenAt: latest }, key);
  const waiting: Pin = { ...pin, seenAt: latest, held: { ...named(key), since: key.since } };
  await pins.put(waiting);
  const held = { actor: place.actor, version: key.version, fingerprint: fingerprintOf(key.digest), until };
  return { standing: "held", key, pin: waiting, held };
}

/**
 * The key to seal to for an actor; of the caller's own address one that the caller's identities open.
 * @throws NO_PUBLISHED_KEY, KEY_HELD with `{ actor, version, fingerprint, until }`, KEY_SUPERSEDED, and what {@link lookAtKey} throws
 */
export async function trustedKey(
  context: Looking & Pick<Context, "identities">,
  actor: string,
  at?: View,
): Promise<PublishedKey> {
  const own = checkAddress(actor, "Actor") === context.chain.address;
  const key = own ? await publishedKey(context.chain, context.chain.address, at) : undefined;
  const seen = own ? undefined : await lookAtKey(context, actor, at);
  const found = key ?? seen?.key;
  if (!found)
    throw new CareKeyError("NO_PUBLISHED_KEY", `The actor ${actor} has published no encryption key`, { actor });
  if (seen?.standing === "held") throw keyHeld(seen.held);
  if (key) await requireOwnKey(context, key);
  return found;
}

/**
 * Believes the newest key of an actor because its fingerprint was compared out of band: by telephone, on paper, face to face. It also
 * ends a KEY_CHANGED, as it says which key is the actor's.
 *
 * @param fingerprint What the actor reads out: 32 hex digits, or all 64 of the digest; case, spaces and dashes do not matter.
 * @throws NO_PUBLISHED_KEY, KEY_MISMATCH when the chain shows another key, INVALID_ARGUMENT for what is no fingerprint, CHAIN_INCONSISTENT
 * @example await confirmKey(context, doctor, "3f5c 9a01 77de 0b42 61c8 f00d 19e3 a5b7");
 */
export async function confirmKey(context: Looking, actor: string, fingerprint: string): Promise<Pin> {
  const { chain, pins } = context;
  const place = placeOf(context, actor);
  const digits = fingerprint.toLowerCase().replace(/^0x|[\s-]/g, "");
  if (!/^([0-9a-f]{32}|[0-9a-f]{64})$/.test(digits))
    throw new CareKeyError("INVALID_ARGUMENT", "A fingerprint has 32 hex digits", { length: digits.length });
  const view = await viewOf(chain);
  const seenAt = view.block.time;
  const key = await publishedKey(chain, place.actor, view);
  if (!key)
    throw new CareKeyError("NO_PUBLISHED_KEY", `The actor ${place.actor} has published no encryption key`, {
      actor: place.actor,
    });
  if (!key.digest.slice(2).startsWith(digits))
    throw new CareKeyError("KEY_MISMATCH", `The node shows another key of ${place.actor} than the one confirmed`, {
      actor: place.actor,
      version: key.version,
      fingerprint: fingerprintOf(key.digest),
    });
  const pin: Pin = { ...place, ...named(key), because: "confirmed", seenAt };
  await pins.put(pin);
  return pin;
}

/**
 * The published key of the caller's own address is one of theirs.
 * @throws KEY_SUPERSEDED
 */
export async function requireOwnKey(context: Pick<Context, "identities">, key: PublishedKey): Promise<void> {
  if (await isOwnRecipient(context, recipientFromBytes(key.recipient))) return;
  throw new CareKeyError(
    "KEY_SUPERSEDED",
    `Key ${key.version} of ${key.actor} is of no identity that is at work here`,
    {
      actor: key.actor,
      version: key.version,
    },
  );
}

/** KEY_HELD of a key that waits. */
export function keyHeld(held: HeldKey): CareKeyError {
  return new CareKeyError("KEY_HELD", `Key ${held.version} of ${held.actor} is new and waits until ${held.until}`, {
    ...held,
  });
}

/** What a node says now has to follow from what it said before: versions only rise, and a version never changes. */
function requireExplained(pin: Pin, key: PublishedKey): void {
  const newest = pin.held ?? pin;
  if (key.version < newest.version) throw changed(pin, key.version, `The node went back to key ${key.version}`);
  if (key.version === newest.version) {
    if (key.digest !== newest.digest) throw changed(pin, key.version, `The node shows another key ${key.version}`);
    if (pin.held && key.since !== pin.held.since)
      throw changed(pin, key.version, `The node shows another time of key ${key.version}`);
  } else if (key.since < pin.seenAt - lag) {
    // then it would have been the newest already when another one was
    throw changed(pin, key.version, `The node dates key ${key.version} back`);
  }
}

/** Seconds after which a pin is written again only to say that its key was seen once more. */
const seenAgain = 60;

/** Seconds by which one of several nodes behind a URL may lag behind another, so that what it shows was the newest a little earlier. */
const lag = 120;

/** KEY_CHANGED, with the last key that was seen and the one that the node shows. */
function changed({ actor, version, held }: Pin, shown: number, what: string): CareKeyError {
  const seen = held?.version ?? version;
  return new CareKeyError("KEY_CHANGED", `${what} of ${actor}, of whom key ${seen} was seen before`, {
    actor,
    seen,
    shown,
  });
}

async function trust({ pins }: Looking, pin: Pin, key: PublishedKey): Promise<SeenKey> {
  const known = await pins.get(pin);
  // a file is written for news, not for each look
  const isNews = known?.version !== pin.version || pin.seenAt - known.seenAt >= seenAgain;
  if (isNews) await pins.put(pin);
  return { standing: "trusted", key, pin };
}

function named({ version, digest }: PublishedKey): Pick<Pin, "version" | "digest"> {
  return { version, digest };
}

function placeOf({ chain }: Looking, actor: string): PinPlace {
  return { chainId: chain.chainId, registry: chain.addresses.KeyRegistry, actor: checkAddress(actor, "Actor") };
}
