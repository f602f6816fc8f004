import type { IncomingMessage } from "node:http";
import { z } from "zod";
import type { GuardedStore } from "../guarded-store.js";
import type { Uploads } from "./uploads.js";
import { anyCids, duration, flag, readQuery } from "./arguments.js";

/** What a command works with. */
export interface Call {
  readonly store: GuardedStore;
  readonly uploads: Uploads;
  readonly request: IncomingMessage;
  /** Aborted when the client goes away, or the call's `timeout` is over. */
  readonly signal: AbortSignal;
}

/** What a command answers. */
export type Answer =
  /** One JSON document. */
  | { readonly document: unknown }
  /** JSON documents, a line each, sent as they come. */
  | { readonly lines: AsyncIterable<unknown> }
  | { readonly bytes: AsyncIterable<Uint8Array>; readonly type: string; readonly length?: number | undefined }
  /** What Kubo refuses with HTTP 500 and this text. */
  | { readonly refusal: string };

/** A command of the RPC: the arguments it knows, and what it does. */
export interface Command {
  /** Milliseconds that the caller allows; undefined for as long as it takes. */
  timeout(query: URLSearchParams): number | undefined;
  run(query: URLSearchParams, call: Call): Promise<Answer>;
  /** True where a block that is not what it says comes with the call, and so is the caller's mistake. */
  readonly takesBlocks: boolean;
}

/** What every command accepts. A node without peers is offline by nature. */
const common = { arg: anyCids, timeout: duration.optional(), offline: flag.optional() };

/**
 * Defines a command by the schema of its arguments.
 *
 * @example
 * const blockStat = command({ arg: cids }, async ({ arg: [cid] }, { store }) => ({ document: … }));
 */
export function command<Shape extends z.ZodRawShape>(
  shape: Shape,
  run: (options: z.output<z.ZodObject<Shape>>, call: Call) => Promise<Answer>,
  { takesBlocks = false } = {},
): Command {
  const schema = z.object(shape);
  const timing = z.object({ ...common, arg: z.unknown() });
  return {
    timeout: (query) => readQuery(timing, query).timeout,
    run: (query, call) => run(readQuery(schema, query), call),
    takesBlocks,
  };
}
