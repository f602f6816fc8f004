import { toHex } from "../bytes.js";
import type { Chain } from "../chain/connection.js";
import { type Stamp, stampDomain, verifySeries } from "../crypto/stamp.js";
import { isCareKeyError } from "../errors.js";

/**
 * The longest true series among former manifests that goes on from the current one, else the current: series only grow, so whoever pointed to a
 * shorter one dropped a stamp.
 */
export function longestSeries(
  chain: Pick<Chain, "chainId" | "addresses">,
  current: readonly Stamp[],
  former: readonly (readonly Stamp[])[],
): readonly Stamp[] {
  const domain = stampDomain(chain.chainId, chain.addresses.RecordRegistry);
  return former.reduce((longest, series) => {
    const goesOn = series.length > longest.length && longest.every((stamp, place) => isSame(stamp, series[place]));
    return goesOn && isTrue(domain, series) ? series : longest;
  }, current);
}

function isSame(one: Stamp, other: Stamp | undefined): boolean {
  return one.signer === other?.signer && toHex(one.signature) === toHex(other.signature);
}

function isTrue(domain: Parameters<typeof verifySeries>[0], series: readonly Stamp[]): boolean {
  try {
    verifySeries(domain, series);
    return true;
  } catch (error) {
    if (isCareKeyError(error)) return false;
    throw error;
  }
}
