import { isCareKeyError, throwIfCancelled } from "../../errors.js";
import { withDeadline } from "../deadline.js";
import type { StoreOptions } from "../types.js";
import { NODE_DEADLINE } from "./gather.js";
import type { Members } from "./members.js";
import type { PoolNode } from "./types.js";

/** One call of a node; false where it fails. Throws CANCELLED alone. */
export async function onNode(
  members: Members,
  node: PoolNode,
  options: StoreOptions,
  work: (limit: StoreOptions) => Promise<unknown>,
): Promise<boolean> {
  try {
    await withDeadline(options, NODE_DEADLINE, (signal) => work({ signal, deadline: Infinity }));
    return true;
  } catch (error) {
    throwIfCancelled(options.signal);
    const answered = isCareKeyError(error, "BLOCK_MISSING") || isCareKeyError(error, "BLOCK_INVALID");
    if (!answered) members.healthOf(node).failed();
    return false;
  }
}
