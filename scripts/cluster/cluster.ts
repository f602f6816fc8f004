import { Programs, freePorts } from "../../test/peers/helpers/programs.js";
import type { ClusterPrograms } from "./find.js";
import { ClusterNode } from "./node.js";
import { settingsIn } from "./settings.js";

/** Nodes of {@link startCluster}. */
const NODES = 3;

/** A private IPFS network on this machine: three Kubo nodes, each with a peer of IPFS Cluster. */
export interface LocalCluster {
  readonly nodes: readonly ClusterNode[];
  readonly folder: string;
  /** Ends all; removes the folder unless it was given. */
  close(): Promise<void>;
}

/**
 * Starts a cluster on loopback, of what `deploy/ipfs` says, and waits until each peer may place pins on all. All of it ends with this
 * process, however that ends.
 *
 * @param folder Keeps data, keys and ports for the next start; a temporary one where omitted.
 */
export async function startCluster(found: ClusterPrograms, folder?: string): Promise<LocalCluster> {
  const programs = await Programs.open("cluster", folder);
  const close = (): Promise<void> => programs.close();
  try {
    const settings = await settingsIn(programs.folder, freePorts, NODES);
    const nodes = settings.ports.map((ports, index) => new ClusterNode(index, ports, programs, found));
    const identities = await Promise.all(nodes.map((node) => node.init(settings)));
    await Promise.all(nodes.map((node) => node.configure(settings, identities)));
    // one after the other: two peers that dial each other before either listens would stay strangers
    for (const node of nodes) await node.start();
    await Promise.all(nodes.map((node) => node.sees(nodes.length)));
    return { nodes, folder: programs.folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}
