import { CareKeyError } from "../errors.js";
import type { Chain } from "./connection.js";
import { type Hex32, type Role, checkAddress, roleId } from "./ids.js";
import type { ReadingChain } from "./logs.js";
import { credentialCountSlot, credentialSlot, filingSlot } from "./slots.js";
import { type Credential, credentialOfWord, filingOfWord } from "./stored-words.js";
import { send } from "./transactions.js";
import { type View, viewOf, wordOf } from "./view.js";

/** How many credentials one question asks for. */
const pageSize = 100;

/**
 * Gives `actor` a credential for `role` until `until`. By an accredited issuer.
 * @throws CONTRACT_REFUSED (NotIssuer, InvalidPeriod: more than ten years among them)
 */
export async function issueCredential(chain: Chain, actor: string, role: Role, until: number): Promise<void> {
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.issue(checkAddress(actor, "Actor"), roleId(role), until, fees),
  );
}

/**
 * Sets the end of a credential of `actor` for `role` back to `until`. By its issuer, or by another once that one is accredited no more. An end that has passed undoes
 * stamps, and its holder may contest it.
 * @param index Number of the credential; the newest where omitted.
 * @throws NO_CREDENTIAL, CONTRACT_REFUSED (NotIssuer, InvalidPeriod, InvalidEnding, UnknownCredential)
 */
export async function revokeCredential(
  chain: Chain,
  actor: string,
  role: Role,
  until: number,
  index?: number,
): Promise<void> {
  const number = index ?? (await newestOf(chain, actor, role));
  await send(chain.provider, (fees) => chain.credentialRegistry.revoke(actor, roleId(role), number, until, fees));
}

/**
 * Says that the end of a credential of the caller's, which was set into the past, is wrong. What was stamped counts no more by this, but is shown as contested.
 * @param index Number of the credential; the newest where omitted.
 * @throws NO_CREDENTIAL, CONTRACT_REFUSED (InvalidEnding, UnknownCredential)
 */
export async function contestCredential(chain: Chain, role: Role, index?: number): Promise<void> {
  const number = index ?? (await newestOf(chain, chain.address, role));
  await send(chain.provider, (fees) => chain.credentialRegistry.contest(chain.address, roleId(role), number, fees));
}

/**
 * Lets what was stamped before a contested end was filed count again, for good. By an accredited issuer of the role who neither filed the end nor holds the credential.
 * @param index Number of the credential; the newest where omitted.
 * @throws NO_CREDENTIAL, CONTRACT_REFUSED (NotSecondIssuer, InvalidEnding, UnknownCredential)
 */
export async function standForCredential(chain: Chain, actor: string, role: Role, index?: number): Promise<void> {
  const number = index ?? (await newestOf(chain, actor, role));
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.standFor(checkAddress(actor, "Actor"), roleId(role), number, fees),
  );
}

/**
 * Ends a contest the other way: what was stamped after the end stays unproven, for good. By whoever may {@link standForCredential}: who stole the holder's key can contest
 * an honest end as well.
 * @param index Number of the credential; the newest where omitted.
 * @throws NO_CREDENTIAL, CONTRACT_REFUSED (NotSecondIssuer, InvalidEnding, UnknownCredential)
 */
export async function dismissContest(chain: Chain, actor: string, role: Role, index?: number): Promise<void> {
  const number = index ?? (await newestOf(chain, actor, role));
  await send(chain.provider, (fees) =>
    chain.credentialRegistry.dismiss(checkAddress(actor, "Actor"), roleId(role), number, fees),
  );
}

async function newestOf(chain: Chain, actor: string, role: Role): Promise<number> {
  const count = await credentialCount(chain, actor, role);
  if (count === 0) throw new CareKeyError("NO_CREDENTIAL", `${actor} has no credential as ${role}`, { actor, role });
  return count - 1;
}

/** Number of credentials that `actor` was ever given for `role`. */
export async function credentialCount(chain: ReadingChain, actor: string, role: Role): Promise<number> {
  return Number(await wordOf(chain, credentialCountSlot(checkAddress(actor, "Actor"), roleId(role))));
}

/**
 * Credentials of `actor` for `role` by number, oldest first: up to `count` from number `first` on, all where nothing is named.
 * @example const [newest] = await credentialsOf(chain, actor, "practitioner", { first: count - 1, count: 1 });
 */
export async function credentialsOf(
  chain: ReadingChain,
  actor: string,
  role: Role,
  { first = 0, count = Infinity }: { first?: number; count?: number } = {},
): Promise<Credential[]> {
  return credentialsIn(chain, checkAddress(actor, "Actor"), roleId(role), first, count);
}

/**
 * Number of the newest credential of `actor` for the role that holds now; what a contract that asks for one is told.
 * @param now The present, in seconds since 1970.
 * @throws NO_CREDENTIAL
 */
export async function requireCredential(
  chain: ReadingChain & Pick<Chain, "address">,
  role: Role,
  now: number,
  actor: string = chain.address,
): Promise<number> {
  const credential = await credentialFor(chain, actor, roleId(role), [now]);
  if (credential === undefined)
    throw new CareKeyError("NO_CREDENTIAL", `${actor} has no credential as ${role} now`, { actor, role });
  return credential;
}

/** What a credential says about a time: that it holds, that it would but for an end that is contested and not settled, or nothing. */
export type Standing = "holds" | "contested" | "none";

/**
 * What credential number `index` of `actor` for `role` says about a time, as the registry's `statusOf`: from proven words.
 * @returns "none" where there is no such credential
 * @example await statusOf(chain, doctor, "practitioner", 0, stamp.issuedAt);
 */
export async function statusOf(
  chain: ReadingChain,
  actor: string,
  role: Role,
  index: number,
  time: number,
): Promise<Standing> {
  const [credential] = await credentialsOf(chain, actor, role, { first: index, count: 1 });
  return credential ? standingAt(credential, time) : "none";
}

/** What a credential says about a time. */
export function standingAt(credential: Credential, time: number): Standing {
  const { from, until, contestedUntil = 0 } = credential;
  if (time < from) return "none";
  if (time < until) return "holds";
  return time < contestedUntil ? "contested" : "none";
}

/**
 * Number of the newest credential of `actor` that covers all these times; undefined where none does.
 * @param role The role as bytes32, as stamps carry it.
 * @param options.isContested True for one that covers them but for an end that is contested.
 */
export async function credentialFor(
  chain: ReadingChain,
  actor: string,
  role: Hex32,
  times: readonly number[],
  { isContested = false, view }: { readonly isContested?: boolean; readonly view?: View | undefined } = {},
): Promise<number | undefined> {
  const at = view ?? (await viewOf(chain));
  const [count = 0n] = await at.words([credentialCountSlot(actor, role)]);
  const covers = (credential: Credential): boolean => {
    const standing = times.map((time) => standingAt(credential, time));
    return standing.every((each) => each === "holds" || (isContested && each === "contested"));
  };
  for (let end = Number(count); end > 0; end -= pageSize) {
    const first = Math.max(0, end - pageSize);
    const page = await pageOf(at, actor, role, first, end);
    const place = page.findLastIndex(covers);
    if (place >= 0) return first + place;
  }
  return undefined;
}

/** Up to `count` credentials from number `first` on; the role as bytes32. */
export async function credentialsIn(
  chain: ReadingChain,
  actor: string,
  role: Hex32,
  first: number,
  count: number,
  view?: View,
): Promise<Credential[]> {
  const at = view ?? (await viewOf(chain));
  const [length = 0n] = await at.words([credentialCountSlot(actor, role)]);
  return pageOf(at, actor, role, first, Math.min(Number(length), first + count));
}

/** Credentials by number, with the undisputed end of those whose end is contested. */
async function pageOf(view: View, actor: string, role: Hex32, first: number, end: number): Promise<Credential[]> {
  const numbers = Array.from({ length: Math.max(end - first, 0) }, (_, place) => first + place);
  const words = await view.words(numbers.map((index) => credentialSlot(actor, role, index)));
  const found = words.flatMap((word) => credentialOfWord(word) ?? []);
  const contested = numbers.filter((_, place) => found[place]?.ending === "contested");
  const filings = await view.words(contested.map((index) => filingSlot(actor, role, index)));
  const ends = new Map(contested.map((index, place) => [index, undisputedEnd(filings[place] ?? 0n)]));
  return found.map((credential, place) => {
    const contestedUntil = ends.get(first + place);
    return contestedUntil === undefined ? credential : { ...credential, contestedUntil };
  });
}

function undisputedEnd(word: bigint): number {
  const { filedAt, formerUntil } = filingOfWord(word);
  return Math.min(filedAt, formerUntil);
}
