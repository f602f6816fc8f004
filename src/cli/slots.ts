import type { SlotInfo } from "../crypto/keyring/keyring.js";

/** A slot as a row for people. */
export function slotRow({ id, kind, guardians, threshold, tested }: SlotInfo & { tested: boolean }): string[] {
  const who = guardians === undefined ? kind : `${kind}, ${threshold ?? 0} of ${guardians}`;
  return [id, who, tested ? "yes" : "no"];
}
