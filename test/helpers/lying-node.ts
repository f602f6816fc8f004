import { Interface, keccak256, toBeHex } from "ethers";

import { keySlots } from "../../src/chain/slots.js";
import { newestOfWords } from "../../src/chain/stored-words.js";
import { KeyRegistry__factory } from "../../src/chain/typechain/index.js";
import type { Gear } from "./clinic.js";

const registry = new Interface(KeyRegistry__factory.abi);

/** What a lying node says of an actor's key, in storage and in the events alike. */
export interface Lie {
  readonly actor: string;
  readonly recipient?: Uint8Array;
  readonly version?: bigint;
  readonly since?: bigint;
  /** Lies in the events alone. */
  readonly eventsOnly?: boolean;
}

interface Log {
  readonly data: string;
  readonly topics: string[];
}

/** A node that lies about keys while `lie` returns something, to whoever takes its word for what is stored. */
export function lying(keyRegistry: string, lie: () => Lie | undefined): NonNullable<Gear["rpc"]> {
  const { topicHash } = registry.getEvent("KeyPublished")!;
  return async ({ method, params }, pass) => {
    const told = lie();
    if (!told) return pass();
    const [first, key] = (params ?? []) as [unknown, unknown];
    if (method === "eth_getStorageAt" && first === keyRegistry && !told.eventsOnly) {
      const place = keySlots(told.actor).findIndex((slot) => slot.key === key);
      return place < 0 ? pass() : falseWord(told, place, (await pass()) as string);
    }
    const { topics = [] } = (first ?? {}) as { topics?: (string | string[] | null)[] };
    const actor = told.actor.toLowerCase().slice(2).padStart(64, "0");
    const isOfActor = typeof topics[1] === "string" && topics[1].toLowerCase().endsWith(actor);
    if (method !== "eth_getLogs" || !topics[0]?.includes(topicHash) || !isOfActor) return pass();
    return ((await pass()) as Log[]).map((log) => falseLog(told, log));
  };
}

function falseWord({ recipient, version, since }: Lie, place: number, word: string): string {
  if (place === 0) return version === 0n ? toBeHex(0, 32) : recipient ? keccak256(recipient) : word;
  if (version === 0n) return toBeHex(0, 32);
  const known = newestOfWords(0n, BigInt(word))!;
  const fields = (version ?? BigInt(known.number)) | ((since ?? BigInt(known.since)) << 32n);
  return toBeHex(fields | (BigInt(known.block) << 72n), 32);
}

function falseLog({ actor, recipient, version }: Lie, log: Log): Log {
  const [kind = "", who = "", number = ""] = log.topics;
  const { recipient: bytes, before } = registry.parseLog(log)!.args as unknown as { recipient: string; before: bigint };
  const told = [actor, version ?? BigInt(number), recipient ?? bytes, before];
  return {
    ...log,
    topics: [kind, who, toBeHex(version ?? BigInt(number), 32)],
    data: registry.encodeEventLog("KeyPublished", told).data,
  };
}
