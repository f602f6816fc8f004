import { Interface, keccak256 } from "ethers";

import { KeyRegistry__factory } from "../../src/chain/typechain/index.js";
import type { Gear } from "./clinic.js";

const registry = new Interface(KeyRegistry__factory.abi);

/** What a lying node says of an actor's key, in the calls and in the events alike. */
export interface Lie {
  readonly actor: string;
  readonly recipient?: Uint8Array;
  readonly version?: bigint;
  readonly since?: bigint;
  /** Lies in the events alone. */
  readonly eventsOnly?: boolean;
}

/** A node that lies about keys while `lie` returns something. */
export function lying(keyRegistry: string, lie: () => Lie | undefined): NonNullable<Gear["rpc"]> {
  const topic = registry.getEvent("KeyPublished")!.topicHash;
  return async ({ method, params }, pass) => {
    const told = lie();
    if (!told) return pass();
    const word = told.actor.toLowerCase().slice(2).padStart(64, "0");
    const [first = {}] = (params ?? []) as { to?: string; data?: string; topics?: (string | null)[] }[];
    const { to = "", data = "" } = first;
    if (method === "eth_call" && to.toLowerCase() === keyRegistry.toLowerCase() && data.endsWith(word)) {
      if (told.eventsOnly) return pass();
      const [{ digest, version, since }] = registry.decodeFunctionResult(
        "keyOf",
        (await pass()) as string,
      ) as unknown as [{ digest: string; version: bigint; since: bigint }];
      const key = {
        digest: told.recipient ? keccak256(told.recipient) : digest,
        version: told.version ?? version,
        since: told.since ?? since,
      };
      return registry.encodeFunctionResult("keyOf", [key]);
    }
    const { topics } = first;
    if (method !== "eth_getLogs" || topics?.[0] !== topic || !topics[1]?.endsWith(word)) return pass();
    const version = told.version ?? BigInt(topics[2] ?? "0x1");
    const any = { ...first, topics: topics.slice(0, 2) };
    (params as unknown[])[0] = any;
    const logs = (await pass()) as { data: string; topics: string[] }[];
    const log = { ...logs.at(-1)! };
    log.topics = [topic, log.topics[1]!, `0x${version.toString(16).padStart(64, "0")}`];
    if (told.recipient) log.data = registry.encodeEventLog("KeyPublished", [told.actor, version, told.recipient]).data;
    return [log];
  };
}
