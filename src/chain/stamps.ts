import type { Chain } from "./connection.js";
import { credentialFor } from "./credentials.js";
import { type Hex32, recordIdOf, roleId } from "./ids.js";
import { anchorOf } from "./records.js";
import { read, send } from "./transactions.js";
import { timeOrNever } from "./word.js";

/** What an e-stamp says (docs/format.md §5), as the RecordRegistry takes it. */
export interface StampClaim {
  readonly patient: string;
  readonly compartment: Hex32;
  readonly content: Hex32;
  /** The role's name as bytes32. */
  readonly role: Hex32;
  readonly statement: string;
  /** Digest of the stamp before; zero for the author's. */
  readonly previous: Hex32;
  /** Seconds since 1970. */
  readonly issuedAt: number;
}

/**
 * Stands for a stamp on chain from now on: the only way for contract accounts, and for a co-stamp the proof of its time. Witnessed already: success
 * without effect.
 * @param digest EIP-712 digest of the stamp, from {@link stampDigestOf}.
 */
export async function witness(chain: Chain, digest: Hex32): Promise<void> {
  if ((await witnessedAt(chain, chain.address, digest)) !== undefined) return;
  await send(chain.provider, (fees) => chain.recordRegistry.witness(digest, fees));
}

/** When `signer` witnessed the digest, in seconds since 1970; undefined where it did not. */
export async function witnessedAt(chain: Chain, signer: string, digest: Hex32): Promise<number | undefined> {
  return timeOrNever(await read(chain.recordRegistry.witnessedAt(signer, digest)));
}

/** The EIP-712 digest of a stamp as the contract computes it. */
export function stampDigestOf(chain: Chain, stamp: StampClaim): Promise<Hex32> {
  return read(chain.recordRegistry.stampDigest(stamp));
}

/**
 * Does this stamp count, by the contract's word? The record is anchored; `signer` signed or witnessed the stamp (another than the
 * author: witnessed); one of their credentials covers its time and that of the anchor, or of the witness where that is later.
 * @param signature 65 bytes in hex; "0x" where the stamp was witnessed.
 * @example await verifyStamp(chain, stamp, { signer: doctor, signature });
 */
export async function verifyStamp(
  chain: Chain,
  stamp: StampClaim,
  { signer, signature = "0x" }: { signer: string; signature?: string },
): Promise<boolean> {
  const counts = (credential: number): Promise<boolean> =>
    read(chain.recordRegistry.verifyStamp(stamp, signer, credential, signature));
  if (stamp.role === roleId("patient")) return counts(0);
  for (const time of await timesOf(chain, stamp, signer)) {
    const credential = await credentialFor(chain, signer, stamp.role, [stamp.issuedAt, time]);
    if (credential !== undefined && (await counts(credential))) return true;
  }
  return false;
}

/** The times that a credential may have to cover along with the stamp's own: the author's signature takes the anchor's, a witness its own where it is later. */
async function timesOf(chain: Chain, stamp: StampClaim, signer: string): Promise<Set<number>> {
  const { anchoredAt } = await anchorOf(chain, recordIdOf(stamp.patient, stamp.compartment, stamp.content));
  const seenAt = (await witnessedAt(chain, signer, await stampDigestOf(chain, stamp))) ?? 0;
  return new Set([anchoredAt, Math.max(anchoredAt, seenAt)]);
}
