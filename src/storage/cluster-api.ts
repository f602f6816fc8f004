import type { CID } from "multiformats/cid";
import { z } from "zod";
import { CareKeyError } from "../errors.js";

/** What a peer says of a pin: https://ipfscluster.io/documentation/reference/pinset/. */
export type PinStatus = string;

/** What the store needs of a pin that was asked for. */
const pinned = z.object({ replication_factor_min: z.number().int() });
const status = z.object({ peer_map: z.record(z.string(), z.object({ status: z.string() })) });

/** How many copies a pin is to have; the cluster's own setting where omitted. */
export interface Copies {
  readonly replicas: number | undefined;
}

/**
 * The REST API of one peer of IPFS Cluster, as far as the `cluster` store needs it: https://ipfscluster.io/documentation/reference/api/.
 * Errors are STORE_FAILED with `{ status }` of a refusal or `{ reason: "answer" }` for what no cluster answers; the rest is fetch's.
 */
export class ClusterApi {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url.replace(/\/+$/, "");
    this.#headers = headers;
  }

  /** True when the cluster knows the root as pinned, wherever its copies are by now. */
  async knows(root: CID, signal: AbortSignal): Promise<boolean> {
    return (await this.#ask("GET", `allocations/${root.toString()}`, signal)) !== undefined;
  }

  /** Asks for a pin; returns the least copies that it has to have, −1 for one on every peer. */
  async add(root: CID, { replicas }: Copies, signal: AbortSignal): Promise<number> {
    const copies = replicas === undefined ? "" : `&replication-min=${replicas}&replication-max=${replicas}`;
    const answer = await this.#ask("POST", `pins/${root.toString()}?mode=recursive${copies}`, signal);
    return parsed(pinned, answer).replication_factor_min;
  }

  /** What each peer says of the pin, those that do not answer included ("cluster_error"). */
  async statuses(root: CID, signal: AbortSignal): Promise<PinStatus[]> {
    return statusesIn(await this.#ask("GET", `pins/${root.toString()}`, signal));
  }

  /** What this peer alone says of the pin. */
  async statusHere(root: CID, signal: AbortSignal): Promise<PinStatus | undefined> {
    return statusesIn(await this.#ask("GET", `pins/${root.toString()}?local=true`, signal))[0];
  }

  /** Ends a pin; none there is no error. */
  async remove(root: CID, signal: AbortSignal): Promise<void> {
    await this.#ask("DELETE", `pins/${root.toString()}`, signal);
  }

  /** The answer, or undefined for "not found". */
  async #ask(method: string, path: string, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(`${this.#url}/${path}`, { method, headers: this.#headers, signal });
    const text = await response.text();
    if (response.status === 404 && isRefusal(text)) return undefined;
    if (!response.ok) throw refused(response.status, text);
    return json(text);
  }
}

function statusesIn(answer: unknown): PinStatus[] {
  return Object.values(parsed(status, answer).peer_map).map((peer) => peer.status);
}

function parsed<T>(shape: z.ZodType<T>, answer: unknown): T {
  const result = shape.safeParse(answer);
  if (result.success) return result.data;
  throw new CareKeyError("STORE_FAILED", "The answer is none of IPFS Cluster", { reason: "answer" });
}

/** A 404 of the cluster itself; a proxy's or another server's says something else. */
function isRefusal(text: string): boolean {
  const answer = json(text);
  return typeof answer === "object" && answer !== null && "code" in answer && answer.code === 404;
}

function refused(code: number, text: string): CareKeyError {
  const details = { status: code };
  // the cluster's reason speaks of peers and CIDs; it stays out of the message all the same
  return new CareKeyError("STORE_FAILED", `The cluster answered with HTTP ${code}`, details, {
    cause: new Error(text),
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
