import type { Hex32 } from "../chain/ids.js";

/** Whose key, and on which chain and registry. */
export interface PinPlace {
  readonly chainId: number;
  /** Address of the KeyRegistry. */
  readonly registry: string;
  readonly actor: string;
}

/** Why a key is sealed to: it was the first one seen, its waiting time passed, or somebody compared its fingerprint with the actor. */
export const reasons = ["first sight", "waiting time", "confirmed"] as const;

/** What a client remembers of the keys of one actor. */
export interface Pin extends PinPlace {
  /** Number and digest of the key that is sealed to. */
  readonly version: number;
  readonly digest: Hex32;
  readonly because: (typeof reasons)[number];
  /** Time of the newest block at which the newest key that is written here was seen to be the newest, in seconds since 1970. */
  readonly seenAt: number;
  /** A newer key that is not sealed to yet, with its time of publication. */
  readonly held?: { readonly version: number; readonly digest: Hex32; readonly since: number } | undefined;
}

/**
 * Where pins are kept. Losing them means trusting at first sight again, so a store that can't read one has to fail: PINS_DAMAGED or
 * STORE_FAILED, never undefined.
 */
export interface PinStore {
  /** The pin of that place; undefined where it was never seen. */
  get(place: PinPlace): Promise<Pin | undefined>;
  /** Writes it whole or not at all. */
  put(pin: Pin): Promise<void>;
  list(): Promise<Pin[]>;
}

/** Name of a place: letters, digits and dashes only. */
export function pinName({ chainId, registry, actor }: PinPlace): string {
  return `${chainId}-${registry}-${actor}`.toLowerCase();
}

/** Pins in this process' memory, gone with it. */
export function memoryPins(): PinStore {
  const pins = new Map<string, Pin>();
  return {
    get: (place) => Promise.resolve(pins.get(pinName(place))),
    put: (pin) => {
      pins.set(pinName(pin), pin);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...pins.values()]),
  };
}
