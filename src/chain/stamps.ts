import type { Chain } from "./connection.js";
import { credentialFor } from "./credentials.js";
import { type Hex32, checkAddress, recordIdOf, roleId } from "./ids.js";
import type { ReadingChain } from "./logs.js";
import { anchorOf } from "./records.js";
import { witnessSlot } from "./slots.js";
import { read, send } from "./transactions.js";
import { wordOf } from "./view.js";
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
export async function witnessedAt(chain: ReadingChain, signer: string, digest: Hex32): Promise<number | undefined> {
  return timeOrNever(await wordOf(chain, witnessSlot(checkAddress(signer, "Signer"), digest)));
}

/** The EIP-712 digest of a stamp as the contract computes it. */
export function stampDigestOf(chain: Chain, stamp: StampClaim): Promise<Hex32> {
  return read(chain.recordRegistry.stampDigest(stamp));
}

/** Whether a stamp counts; the place is the number that the contract uses. */
export const stampStatuses = ["none", "counts", "contested"] as const;

export type StampStatus = (typeof stampStatuses)[number];

/** Who signed a stamp, and how. */
export interface StampSigner {
  readonly signer: string;
  /** 65 bytes in hex; omit where the stamp was witnessed, or is a patient's own on their own record. */
  readonly signature?: string | undefined;
}

/**
 * Does this stamp count, by the contract's word, beyond contest? The record is anchored; `signer` signed or witnessed the stamp (another than the
 * author: witnessed); one of their credentials covers its time and that of the anchor, or of the witness where that is later.
 * @example await verifyStamp(chain, stamp, { signer: doctor, signature });
 */
export async function verifyStamp(chain: Chain, stamp: StampClaim, by: StampSigner): Promise<boolean> {
  return (await stampStatus(chain, stamp, by)) === "counts";
}

/** Does this stamp count, or would it but for an end of the signer's credential that was set into the past, and is contested? The best that any of their credentials gives. */
export async function stampStatus(
  chain: Chain,
  stamp: StampClaim,
  { signer, signature = "0x" }: StampSigner,
): Promise<StampStatus> {
  const ask = async (credential: number): Promise<StampStatus> => {
    const status = await read(chain.recordRegistry.stampStatus(stamp, signer, credential, signature));
    // Stryker disable next-line StringLiteral: the contract has no other status
    return stampStatuses[Number(status)] ?? "none";
  };
  if (stamp.role === roleId("patient")) return ask(0);
  let best: StampStatus = "none";
  for (const time of await timesOf(chain, stamp, signer)) {
    const times = [stamp.issuedAt, time];
    for (const isContested of [false, true]) {
      const credential = await credentialFor(chain, signer, stamp.role, times, { isContested });
      const status = credential === undefined ? "none" : await ask(credential);
      if (status === "counts") return status;
      if (status === "contested") best = status;
    }
  }
  return best;
}

/** The times that a credential may have to cover along with the stamp's own: the author's signature takes the anchor's, a witness its own where it is later. */
async function timesOf(chain: Chain, stamp: StampClaim, signer: string): Promise<Set<number>> {
  const { anchoredAt } = await anchorOf(chain, recordIdOf(stamp.patient, stamp.compartment, stamp.content));
  const seenAt = (await witnessedAt(chain, signer, await stampDigestOf(chain, stamp))) ?? 0;
  return new Set([anchoredAt, Math.max(anchoredAt, seenAt)]);
}
