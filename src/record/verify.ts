import type { Chain } from "../chain/connection.js";
import { credentialFor } from "../chain/credentials.js";
import { type Hex32, roleId } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";
import { witnessedAt } from "../chain/stamps.js";
import { type Stamp, stampDigest, stampDomain, verifySeries } from "../crypto/stamp.js";
import { CareKeyError } from "../errors.js";
import type { Manifest } from "./manifest.js";

/** A stamp whose signature is true, and whether a credential stands behind it. */
export interface JudgedStamp extends Stamp {
  /**
   * A credential of the signer's covers the time of the stamp and that of the anchor, or of the stamp's witness where that is later; always so for what patients report
   * of themselves. A stamp by another than author and patient is proven only by its witness: with a stolen key it could be dated back.
   */
  readonly proven: boolean;
  readonly selfReported: boolean;
}

/** What a judge has to know of the chain: asked of a node, or read from an export. */
export interface Testimony {
  readonly chainId: number;
  readonly recordRegistry: string;
  /** Number of a credential that covers all these times; undefined where none does. */
  readonly credentialFor: (signer: string, role: Hex32, times: readonly number[]) => Promise<number | undefined>;
  readonly witnessedAt: (signer: string, digest: Hex32) => Promise<number | undefined>;
}

/** What a node says. */
export function testimonyOf(chain: Chain): Testimony {
  return {
    chainId: chain.chainId,
    recordRegistry: chain.addresses.RecordRegistry,
    credentialFor: (signer, role, times) => credentialFor(chain, signer, role, times),
    witnessedAt: (signer, digest) => witnessedAt(chain, signer, digest),
  };
}

/**
 * Judges the stamps of a record (docs/format.md §12.6), before anything of it is shown.
 * @throws STAMP_MISSING, STAMP_INVALID when one is forged, altered, or the first is not the author's, STAMP_UNPROVEN when no credential stands behind the
 * author's.
 */
export async function judgeStamps(
  testimony: Testimony,
  record: AnchoredRecord,
  { stamps }: Pick<Manifest, "stamps">,
): Promise<JudgedStamp[]> {
  verifySeries(stampDomain(testimony.chainId, testimony.recordRegistry), stamps);
  const [first] = stamps;
  if (first?.statement !== "authored" || first.signer !== record.author)
    throw new CareKeyError("STAMP_INVALID", `The first stamp is not that of the author ${record.author}`, {
      index: 0,
      author: record.author,
    });
  const judged = await Promise.all(stamps.map((stamp) => judge(testimony, record, stamp)));
  if (!judged[0]?.proven) {
    const details = { signer: first.signer, issuedAt: first.issuedAt, anchoredAt: record.anchoredAt };
    throw new CareKeyError("STAMP_UNPROVEN", `No credential of ${first.signer} covers the author's stamp`, details);
  }
  return judged;
}

/** As `verifyStamp` of the contract judges. */
async function judge(
  testimony: Testimony,
  { patient, author, anchoredAt }: AnchoredRecord,
  stamp: Stamp,
): Promise<JudgedStamp> {
  const { role, signer, issuedAt } = stamp;
  const selfReported = role === roleId("patient");
  const holds = async (time: number): Promise<boolean> => {
    if (issuedAt > time) return false;
    if (selfReported) return signer === patient;
    return (await testimony.credentialFor(signer, role, [issuedAt, time])) !== undefined;
  };
  const isTimely = signer === author || selfReported;
  if (isTimely && (await holds(anchoredAt))) return { ...stamp, proven: true, selfReported };
  const digest = stampDigest(stampDomain(testimony.chainId, testimony.recordRegistry), stamp);
  const seenAt = await testimony.witnessedAt(signer, digest);
  const proven = seenAt !== undefined && (await holds(Math.max(anchoredAt, seenAt)));
  return { ...stamp, proven, selfReported };
}
