import { setTimeout as delay } from "node:timers/promises";

import type { NetworkConnection } from "hardhat/types/network";

import { CareKeyError } from "../src/errors.js";

/** How long a block may take, and how often it is asked for, in milliseconds. */
const PATIENCE = 60_000;
const INTERVAL = 250;

/** How to wait for what was sent before. */
export interface PendingOptions {
  /** Called when there is something to wait for: how many transactions of which account. */
  readonly onPending?: (count: number, sender: string) => void;
  /** Milliseconds. */
  readonly patience?: number;
}

/**
 * Waits until no transaction of the deploying account is on its way: a run that was killed may have sent some, and Ignition begins
 * only when they are mined.
 *
 * Errors: TRANSACTION_PENDING.
 */
export async function whenMined(
  { ethers }: NetworkConnection,
  { onPending, patience = PATIENCE }: PendingOptions,
): Promise<void> {
  const [sender] = await ethers.getSigners();
  if (sender === undefined) return;
  const pending = async (): Promise<number> => {
    const [sent, mined] = await Promise.all([sender.getNonce("pending"), sender.getNonce("latest")]);
    return sent - mined;
  };
  const deadline = Date.now() + patience;
  let count = await pending();
  if (count > 0) onPending?.(count, sender.address);
  while (count > 0) {
    if (Date.now() >= deadline) {
      const said = `${count} transactions of ${sender.address} are still not mined`;
      throw new CareKeyError("TRANSACTION_PENDING", said, { sender: sender.address, count });
    }
    await delay(INTERVAL);
    count = await pending();
  }
}
