import type { IncomingMessage, ServerResponse } from "node:http";

import type { ReceiptSigner } from "../erasures.js";
import type { GuardedStore } from "../guarded-store.js";
import type { Scope } from "../tokens.js";
import type { Direction } from "./refusal.js";

/** One request on its way to an answer. */
export interface Call {
  readonly store: GuardedStore;
  /** Who vouches for demands to erase and signs that they were met, if somebody does. */
  readonly receipts?: ReceiptSigner | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The path's second segment, where the route has one. */
  readonly argument: string;
  /** A HEAD request: the same without a body. */
  readonly head: boolean;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** What the node does for a method on a path. */
export interface Route {
  /** What a token has to allow; undefined where none is needed. */
  readonly scope?: Scope | undefined;
  /** Whose fault a wrong block is. */
  readonly direction?: Direction;
  readonly answer: (call: Call) => Promise<void>;
}
