import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Anything that stands in a configuration. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One node of a cluster: a Kubo and the cluster peer beside it, both on loopback. */
export interface NodePorts {
  /** Kubo's peers. */
  readonly swarm: number;
  /** Kubo's RPC. */
  readonly rpc: number;
  /** Cluster peers. */
  readonly cluster: number;
  /** Status of pins. */
  readonly api: number;
  /** Kubo's RPC as the cluster answers it. */
  readonly proxy: number;
}

/** What all nodes share and what stays the same over restarts. */
export interface ClusterSettings {
  readonly ports: readonly NodePorts[];
  /** Keys of the two private networks: 32 bytes in hexadecimal. */
  readonly swarmKey: string;
  readonly secret: string;
}

const portsOfNode = ["swarm", "rpc", "cluster", "api", "proxy"] as const;
export const PORTS_PER_NODE = portsOfNode.length;

/** The settings kept in `folder`, or new ones with these ports, kept there from now on. */
export async function settingsIn(
  folder: string,
  freePorts: (count: number) => Promise<readonly number[]>,
  nodes: number,
): Promise<ClusterSettings> {
  const file = path.join(folder, "settings.json");
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as ClusterSettings;
  const free = await freePorts(nodes * PORTS_PER_NODE);
  const ports = Array.from({ length: nodes }, (_, node) => {
    const own = portsOfNode.map((name, place) => [name, free[node * PORTS_PER_NODE + place]]);
    return Object.fromEntries(own) as NodePorts;
  });
  const key = (): string => randomBytes(32).toString("hex");
  const settings = { ports, swarmKey: key(), secret: key() };
  await writeFile(file, JSON.stringify(settings, undefined, 2), { mode: 0o600 });
  return settings;
}

/** A file of deploy/ipfs: what differs from the programs' own configuration. */
export async function deployed(name: "kubo.json" | "cluster.json"): Promise<Json> {
  const file = fileURLToPath(new URL(`../../deploy/ipfs/${name}`, import.meta.url));
  return JSON.parse(await readFile(file, "utf8")) as Json;
}

/** Changes a JSON file by merge patches (RFC 7396), one after the other. */
export async function patchFile(file: string, ...patches: readonly Json[]): Promise<void> {
  const before = JSON.parse(await readFile(file, "utf8")) as Json;
  await writeFile(file, JSON.stringify(patches.reduce(merged, before), undefined, 2));
}

/** A merge patch: objects are merged, null removes, all else replaces. https://www.rfc-editor.org/rfc/rfc7396 */
export function merged(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = merged(result[key] ?? null, value);
  }
  return result;
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
