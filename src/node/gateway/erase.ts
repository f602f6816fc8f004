import { collect } from "../../bytes.js";
import { eraseBlocks } from "../erasures.js";
import type { Call } from "./call.js";
import { refusal, sendJson } from "./refusal.js";
import { bodyOf } from "./write.js";

/** Holds a quarter of a million CIDs. */
const MAX_DEMAND = 16 * 1024 * 1024;

/** POST /erasures: removes the blocks of `{ recordId, blocks }`, and answers `{ left, receipt }`. 409 unless the patient demanded it on chain. */
export async function eraseRoute({ request, response, store, receipts, signal }: Call): Promise<void> {
  const bytes = await collect(bodyOf(request), MAX_DEMAND).catch((cause: unknown) => {
    if (cause instanceof RangeError) throw refusal(413, "The demand is too long", { limit: MAX_DEMAND });
    throw cause;
  });
  let demand: unknown;
  try {
    demand = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw refusal(400, "The demand is no JSON");
  }
  sendJson(response, 200, await eraseBlocks(store, demand, receipts, { signal }));
}
