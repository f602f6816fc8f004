import type { CID } from "multiformats/cid";
import { isCareKeyError, throwIfCancelled } from "../../errors.js";
import { withDeadline } from "../deadline.js";
import type { StoreOptions } from "../types.js";
import { median, type NodeHealth, SLOW } from "./health.js";

/** A block that one node may have. */
export interface Request {
  /** Which of the wanted this is: a stripe's fragment, or 0 for the copies of one block. */
  readonly index: number;
  readonly cid: CID;
  readonly health: NodeHealth;
  /** Unlikely to have it, or in trouble: asked when hardly anybody else can still answer. */
  readonly lastResort?: boolean | undefined;
}

export interface Gathered {
  /** What came, by index. */
  readonly found: Map<number, Uint8Array>;
  /** Nodes' answers that there was no such block; nodes whose block was another; nodes that did not answer. */
  missing: number;
  rotten: number;
  failed: number;
}

/** Milliseconds after which one more is asked, at least: a pause of this process is not to be taken for a node's. */
const SHORTEST_WAIT = 50;
/** And until those of last resort are, who mostly would say no: at least, and in times of what is usual. */
const SHORTEST_LAST_WAIT = 1000;
const VERY_SLOW = 10;
/** A node's own limit for a call, where the caller gives none. */
export const NODE_DEADLINE = 30_000;

/**
 * Asks nodes for blocks, in the order given, until `needed` of different index have come: as many at once as are needed, one more
 * for each that fails or is overdue (a few times what the others took). What is then still under way is given up, and its
 * node avoided for a while. Returns fewer where nobody has them; throws CANCELLED alone.
 *
 * @param typical milliseconds that a node takes, where that is known
 */
export async function gather(
  requests: Iterable<Request>,
  needed: number,
  typical: number | undefined,
  options: StoreOptions = {},
): Promise<Gathered> {
  throwIfCancelled(options.signal);
  const race = new Race(requests, needed, typical, options);
  return race.run();
}

type Delay = "none" | "overdue" | "hopeless";

interface Flight {
  readonly request: Request;
  readonly started: number;
  /** How long it lasts: as usual, so long that others are asked as well, so long that any are. */
  delay: Delay;
}

class Race {
  readonly #gathered: Gathered = { found: new Map(), missing: 0, rotten: 0, failed: 0 };
  readonly #queue: Iterator<Request>;
  #next: Request | undefined;
  readonly #flights = new Set<Flight>();
  readonly #times: number[] = [];
  readonly #stop = new AbortController();
  readonly #needed: number;
  readonly #typical: number | undefined;
  readonly #options: StoreOptions;
  #wake: () => void = () => undefined;

  constructor(requests: Iterable<Request>, needed: number, typical: number | undefined, options: StoreOptions) {
    this.#queue = requests[Symbol.iterator]();
    this.#needed = needed;
    this.#typical = typical;
    this.#options = options;
  }

  async run(): Promise<Gathered> {
    const { signal } = this.#options;
    const wake = () => {
      this.#wake();
    };
    signal?.addEventListener("abort", wake);
    try {
      while (this.#gathered.found.size < this.#needed && !signal?.aborted) {
        this.#launch();
        if (this.#flights.size === 0) break;
        await this.#event();
        this.#hedge();
      }
      throwIfCancelled(signal);
      return this.#gathered;
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#giveUp(signal?.aborted ?? false);
    }
  }

  /** Until an answer comes, the caller stops it, or something is overdue. */
  async #event(): Promise<void> {
    const due = [...this.#flights].map(({ started, delay }) => {
      return delay === "hopeless" ? Infinity : started + this.#wait(delay);
    });
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      const next = Math.min(...due) - performance.now();
      if (this.#peek() && next < Infinity) timer = setTimeout(resolve, Math.max(0, Math.ceil(next)));
    });
    clearTimeout(timer);
  }

  #launch(): void {
    for (let next = this.#peek(); next; next = this.#peek()) {
      // nobody waits for a node that may still be in trouble, so it is asked besides
      const probe = next.health.suspect;
      if (!probe && !this.#wants(next)) return;
      this.#next = undefined;
      if (!this.#gathered.found.has(next.index)) this.#ask(next, probe);
    }
  }

  /** Whether those under way may be too few. */
  #wants({ lastResort }: Request): boolean {
    const hopeful = [...this.#flights].filter(({ delay }) => (lastResort ? delay !== "hopeless" : delay === "none"));
    return this.#gathered.found.size + hopeful.length < this.#needed;
  }

  /** The next request that may be made; where to look last is found out only when all before was in vain. */
  #peek(): Request | undefined {
    if (!this.#next) {
      const { done, value } = this.#queue.next() as IteratorResult<Request, undefined>;
      this.#next = done ? undefined : value;
    }
    return this.#next;
  }

  #hedge(): void {
    const now = performance.now();
    for (const flight of this.#flights) {
      const { started, delay } = flight;
      if (delay === "none" && started + this.#wait(delay) <= now) flight.delay = "overdue";
      else if (delay === "overdue" && started + this.#wait(delay) <= now) flight.delay = "hopeless";
    }
  }

  /** Milliseconds until a flight of this delay is of the next. */
  #wait(delay: "none" | "overdue"): number {
    const enough = this.#times.length * 2 >= this.#needed;
    const usual = (enough ? median(this.#times) : this.#typical) ?? 0;
    return delay === "none" ? Math.max(SHORTEST_WAIT, SLOW * usual) : Math.max(SHORTEST_LAST_WAIT, VERY_SLOW * usual);
  }

  #ask(request: Request, probe: boolean): void {
    const flight: Flight = { request, started: performance.now(), delay: probe ? "overdue" : "none" };
    const { cid, health } = request;
    const { signal: caller, deadline } = this.#options;
    const signal = AbortSignal.any(caller ? [caller, this.#stop.signal] : [this.#stop.signal]);
    this.#flights.add(flight);
    health.outstanding++;
    const call = withDeadline({ signal, deadline }, NODE_DEADLINE, (limit) =>
      // nothing is left behind by a read that goes on, so a store that heeds no signal holds nobody up
      unlessAborted(health.node.store.get(cid, { signal: limit, deadline: Infinity }), limit),
    );
    call
      .then(
        (bytes) => {
          if (!this.#flights.has(flight)) return;
          const time = performance.now() - flight.started;
          this.#times.push(time);
          health.answered(time);
          this.#gathered.found.set(request.index, bytes);
        },
        (error: unknown) => {
          if (this.#flights.has(flight)) this.#note(error, request);
        },
      )
      .finally(() => {
        // what was given up no longer counts
        if (this.#flights.delete(flight)) health.outstanding--;
        this.#wake();
      });
  }

  #note(error: unknown, { cid, health }: Request): void {
    if (this.#options.signal?.aborted) return;
    if (isCareKeyError(error, "BLOCK_MISSING")) {
      this.#gathered.missing++;
    } else if (isCareKeyError(error, "BLOCK_INVALID")) {
      this.#gathered.rotten++;
      health.gaveRotten(cid);
    } else {
      this.#gathered.failed++;
      health.failed();
    }
  }

  #giveUp(cancelled: boolean): void {
    const wait = this.#wait("none");
    for (const { request, started } of this.#flights) {
      request.health.outstanding--;
      const time = performance.now() - started;
      // who is stopped before it is overdue did nothing wrong
      if (!cancelled && time >= wait) request.health.outrun(time);
    }
    this.#flights.clear();
    this.#stop.abort();
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
