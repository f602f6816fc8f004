import type { Chain } from "../chain/connection.js";
import { type Hex32, roleId } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";
import { witnessSlot } from "../chain/slots.js";
import type { View } from "../chain/view.js";
import { timeOrNever } from "../chain/word.js";
import { type Stamp, stampDigest, stampDomain, verifySeries } from "../crypto/stamp.js";
import { CareKeyError } from "../errors.js";
import { type Coverage, bestFor, credentialsAt } from "./entitled.js";
import type { Manifest } from "./manifest.js";

/** A stamp whose signature is true, and whether a credential stands behind it. */
export interface JudgedStamp extends Stamp {
  /**
   * A credential of the signer's covers the time of the stamp and that of the anchor, or of the stamp's witness where that is later; always so for what patients report
   * of themselves. A stamp by another than author and patient is proven only by its witness: with a stolen key it could be dated back.
   */
  readonly proven: boolean;
  /** It would be proven, but that the signer's credential was ended in the past, which the signer contests and nobody has settled. */
  readonly contested: boolean;
  readonly selfReported: boolean;
}

/** What a judge has to know of the chain: asked of a node, or read from an export. */
export interface Testimony {
  readonly chainId: number;
  readonly recordRegistry: string;
  /** What one credential of the signer's says of all these times; undefined where none covers them. */
  readonly coverage: (signer: string, role: Hex32, times: readonly number[]) => Promise<Coverage | undefined>;
  readonly witnessedAt: (signer: string, digest: Hex32) => Promise<number | undefined>;
}

/** What the chain holds at one block. */
export function testimonyOf(chain: Chain, view: View): Testimony {
  return {
    chainId: chain.chainId,
    recordRegistry: chain.addresses.RecordRegistry,
    coverage: async (signer, role, times) => bestFor(await credentialsAt(chain, view, signer, role), times)?.coverage,
    witnessedAt: async (signer, digest) => {
      const [time = 0n] = await view.words([witnessSlot(signer, digest)]);
      return timeOrNever(time);
    },
  };
}

/**
 * Judges the stamps of a record (docs/format.md §12.6), before anything of it is shown.
 * @throws STAMP_MISSING, STAMP_INVALID when one is forged, altered, or the first is not the author's, STAMP_UNPROVEN when no credential stands behind the
 * author's: one that is contested does, and is shown so.
 */
export async function judgeStamps(
  testimony: Testimony,
  record: Pick<AnchoredRecord, "patient" | "author" | "anchoredAt">,
  { stamps }: Pick<Manifest, "stamps">,
): Promise<JudgedStamp[]> {
  verifySeries(stampDomain(testimony.chainId, testimony.recordRegistry), stamps);
  const [first] = stamps;
  if (first?.statement !== "authored" || first.signer !== record.author)
    throw new CareKeyError("STAMP_INVALID", `The first stamp is not that of the author ${record.author}`, {
      index: 0,
      author: record.author,
    });
  const judged: JudgedStamp[] = [];
  // one after the other: most are by few signers, of whom is asked once
  for (const stamp of stamps) judged.push(await judge(testimony, record, stamp));
  if (!judged[0]?.proven && !judged[0]?.contested) {
    const details = { signer: first.signer, issuedAt: first.issuedAt, anchoredAt: record.anchoredAt };
    throw new CareKeyError("STAMP_UNPROVEN", `No credential of ${first.signer} covers the author's stamp`, details);
  }
  return judged;
}

/** As `stampStatus` of the contract judges. */
async function judge(
  testimony: Testimony,
  { patient, author, anchoredAt }: Pick<AnchoredRecord, "patient" | "author" | "anchoredAt">,
  stamp: Stamp,
): Promise<JudgedStamp> {
  const { role, signer, issuedAt } = stamp;
  const selfReported = role === roleId("patient");
  const coverage = async (time: number): Promise<Coverage | undefined> => {
    if (issuedAt > time) return undefined;
    if (selfReported) return signer === patient ? "holds" : undefined;
    return testimony.coverage(signer, role, [issuedAt, time]);
  };
  const isTimely = signer === author || selfReported;
  const anchored = isTimely ? await coverage(anchoredAt) : undefined;
  if (anchored === "holds") return { ...stamp, proven: true, contested: false, selfReported };
  const digest = stampDigest(stampDomain(testimony.chainId, testimony.recordRegistry), stamp);
  const seenAt = await testimony.witnessedAt(signer, digest);
  const seen = seenAt === undefined ? undefined : await coverage(Math.max(anchoredAt, seenAt));
  const found = seen ?? anchored;
  return { ...stamp, proven: found === "holds", contested: found === "contested", selfReported };
}
