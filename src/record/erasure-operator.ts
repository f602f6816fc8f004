import { z } from "zod";

import { type Chain } from "../chain/connection.js";
import type { OperatorRole } from "../chain/corrections.js";
import type { Hex32 } from "../chain/ids.js";
import { anchorOf, findRecord } from "../chain/records.js";
import { type SignedAction, parseSignedAction, sign } from "../chain/signed/action.js";
import { prepareErasureReceipt } from "../chain/signed/records.js";
import { CareKeyError } from "../errors.js";
import { withDeadline } from "../storage/deadline.js";
import type { ErasureOperator } from "./erase.js";

export interface OperatorOptions {
  /** For the report; the URL's host where omitted. */
  readonly name?: string | undefined;
  /** Bearer token of scope "manage". */
  readonly token?: string | undefined;
  /** Milliseconds for each demand: a node removes a few thousand blocks a second. Ten minutes by default. */
  readonly deadline?: number | undefined;
}

const DEADLINE = 600_000;

const answer = z.object({ left: z.array(z.string()), receipt: z.unknown().optional() });

/**
 * A storage node (`carekey node`) that erases on demand.
 *
 * Its `erase` throws STORE_FAILED with the system's `{ code }` or the `{ status }` of a refusal, and CANCELLED.
 *
 * @example
 * await carekey.erase(recordId, { operators: [operatorAt("https://storage.example", { token })] });
 */
export function operatorAt(url: string, { name, token, deadline = DEADLINE }: OperatorOptions = {}): ErasureOperator {
  return {
    name: name ?? new URL(url).host,
    erase: ({ recordId, blocks }, options) =>
      withDeadline({ signal: options?.signal }, deadline, async (signal) => {
        const response = await fetch(new URL("/erasures", url), {
          method: "POST",
          headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
          body: JSON.stringify({ recordId, blocks: blocks.map(String) }),
          signal,
        });
        const { status } = response;
        if (!response.ok) throw new CareKeyError("STORE_FAILED", `The node answered with HTTP ${status}`, { status });
        const { left, receipt } = answer.parse(await response.json());
        return { left, receipt: receipt === undefined ? undefined : receiptOf(parseSignedAction(receipt)) };
      }),
  };
}

function receiptOf(action: SignedAction): SignedAction<"ErasureReceipt"> {
  if (action.type === "ErasureReceipt") return action as SignedAction<"ErasureReceipt">;
  throw new CareKeyError("INVALID_ARGUMENT", "What the node signed is no receipt of an erasure", { type: action.type });
}

/** How an operator's node answers for erasures. */
export interface ErasureReceipts {
  /** @throws ERASURE_NOT_DEMANDED unless the patient has demanded it on chain */
  requireDemand(recordId: Hex32): Promise<void>;
  sign(recordId: Hex32): Promise<SignedAction<"ErasureReceipt">>;
}

/**
 * Receipts signed by the caller's account, which needs a credential for the role. `sign` throws NO_CREDENTIAL.
 *
 * @example
 * serveNode({ store, port: 8080, secret, receipts: erasureReceipts(chain) });
 */
export function erasureReceipts(chain: Chain, role: OperatorRole = "storage"): ErasureReceipts {
  return {
    async requireDemand(recordId) {
      const { status } = await anchorOf(chain, recordId);
      if (status !== "erased")
        throw new CareKeyError("ERASURE_NOT_DEMANDED", `The record ${recordId} is ${status}`, { recordId, status });
    },
    async sign(recordId) {
      const { patient, compartment, content } = await findRecord(chain, recordId);
      return sign(chain.signer, await prepareErasureReceipt(chain, { patient, compartment, content, role }));
    },
  };
}
