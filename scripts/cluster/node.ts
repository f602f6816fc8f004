import { execFile } from "node:child_process";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import type { Programs } from "../../test/peers/helpers/programs.js";
import type { ClusterPrograms } from "./find.js";
import { type ClusterSettings, type Json, type NodePorts, deployed, patchFile } from "./settings.js";

const execute = promisify(execFile);

/** Who a node is among the others. */
export interface Identity {
  /** Peer ids of its Kubo and of its cluster peer. */
  readonly kubo: string;
  readonly cluster: string;
}

/** A Kubo and the cluster peer beside it, in two folders. */
export class ClusterNode {
  /** Names of its two programs. */
  readonly #kubo: string;
  readonly #peer: string;

  constructor(
    readonly index: number,
    readonly ports: NodePorts,
    private readonly programs: Programs,
    private readonly found: ClusterPrograms,
  ) {
    this.#kubo = `kubo-${index}`;
    this.#peer = `cluster-${index}`;
  }

  /** Kubo's RPC as the cluster answers it, the cluster's own API, and Kubo's RPC itself. */
  get proxy(): string {
    return local(this.ports.proxy);
  }
  get api(): string {
    return local(this.ports.api);
  }
  get rpc(): string {
    return local(this.ports.rpc);
  }

  /** Makes what is missing of both folders, and says who the node is. */
  async init({ secret }: Pick<ClusterSettings, "secret">): Promise<Identity> {
    const { ipfs, cluster } = this.found;
    if (!(await exists(this.#in(this.#kubo, "config")))) {
      await execute(ipfs, [...this.#repository(), "init", "--empty-repo", "--profile=unixfs-v1-2025"]);
    }
    if (!(await exists(this.#in(this.#peer, "identity.json")))) {
      const env = { ...process.env, CLUSTER_SECRET: secret };
      await execute(cluster, [...this.#folder(), "init", "--consensus", "crdt"], { env });
    }
    const { Identity: kubo } = await read<{ Identity: { PeerID: string } }>(this.#in(this.#kubo, "config"));
    const { id } = await read<{ id: string }>(this.#in(this.#peer, "identity.json"));
    return { kubo: kubo.PeerID, cluster: id };
  }

  /** Writes what the two programs have to know: deploy/ipfs, the addresses, the other nodes. */
  async configure(settings: ClusterSettings, identities: readonly Identity[]): Promise<void> {
    await writeFile(this.#in(this.#kubo, "swarm.key"), `/key/swarm/psk/1.0.0/\n/base16/\n${settings.swarmKey}\n`, {
      mode: 0o600,
    });
    const others = identities
      .map((identity, index) => ({ identity, ports: settings.ports[index] }))
      .filter((_, index) => index !== this.index);
    await patchFile(this.#in(this.#kubo, "config"), await deployed("kubo.json"), {
      Addresses: { API: at(this.ports.rpc), Swarm: [at(this.ports.swarm)] },
      Peering: { Peers: others.map(({ identity, ports }) => ({ ID: identity.kubo, Addrs: [at(ports?.swarm)] })) },
    });
    await patchFile(this.#in(this.#peer, "service.json"), await deployed("cluster.json"), {
      cluster: {
        peername: this.#peer,
        secret: settings.secret,
        listen_multiaddress: [at(this.ports.cluster)],
        peer_addresses: others.map(({ identity, ports }) => `${at(ports?.cluster)}/p2p/${identity.cluster}`),
        ...QUICK.cluster,
      },
      consensus: { crdt: { trusted_peers: identities.map(({ cluster }) => cluster), ...QUICK.consensus } },
      api: {
        ipfsproxy: { listen_multiaddress: at(this.ports.proxy), node_multiaddress: at(this.ports.rpc) },
        restapi: { http_listen_multiaddress: at(this.ports.api) },
      },
      ipfs_connector: { ipfshttp: { node_multiaddress: at(this.ports.rpc), ...QUICK.connector } },
      monitor: { pubsubmon: QUICK.monitor },
      informer: { disk: QUICK.informer, pinqueue: QUICK.informer, tags: QUICK.informer },
    });
  }

  /** Starts both, the cluster peer once Kubo answers. */
  async start(): Promise<void> {
    // without the variable a node with a broken key would join the public network
    const quiet = ["IPFS_TELEMETRY=off", "LIBP2P_FORCE_PNET=1"];
    this.programs.start(this.#kubo, "env", [...quiet, this.found.ipfs, ...this.#repository(), "daemon"]);
    await this.programs.until(this.#kubo, "an answer", () => answerOf(`${this.rpc}/api/v0/id`, "POST"));
    this.programs.start(this.#peer, this.found.cluster, [...this.#folder(), "daemon"]);
    await this.programs.until(this.#peer, "an answer", () => answerOf(`${this.api}/id`));
  }

  /** Waits until this peer reaches `count` nodes and may place pins on them, itself included. */
  async sees(count: number): Promise<void> {
    await this.programs.until(this.#peer, `${count} nodes`, async () => {
      // the answer comes from the peers themselves, so that asking connects to them
      const peers = (await (await fetch(`${this.api}/peers`)).text()).trim().split("\n");
      if (peers.filter((line) => isReached(line)).length < count) return undefined;
      for (const metric of METRICS) {
        const told = (await answerOf(`${this.api}/monitor/metrics/${metric}`)) as readonly { valid: boolean }[] | null;
        if ((told ?? []).filter(({ valid }) => valid).length < count) return undefined;
      }
      return true;
    });
  }

  /** Ends both; SIGKILL as a crash of the machine does. */
  async end(signal: NodeJS.Signals): Promise<void> {
    // the peer first, as it would complain of a missing Kubo
    for (const name of [this.#peer, this.#kubo]) await this.programs.end(name, signal);
  }

  /** Removes what both keep, as a new disk does; who they are stays. Only while they are ended. */
  async empty(): Promise<void> {
    const data = [this.#in(this.#kubo, "blocks"), this.#in(this.#kubo, "datastore"), this.#in(this.#peer, "pebble")];
    for (const lost of data) await rm(lost, { recursive: true });
  }

  #in(...names: readonly string[]): string {
    return path.join(this.programs.folder, ...names);
  }

  #repository(): readonly string[] {
    return ["--repo-dir", this.#in(this.#kubo)];
  }

  #folder(): readonly string[] {
    return ["--config", this.#in(this.#peer)];
  }
}

/** A peer is given pins by whoever knows all of these of it. */
const METRICS = ["ping", "freespace", "tag:group", "pinqueue"];

/** Nodes of one machine notice each other's loss within seconds, where real ones would be told apart by hiccups of a network. */
const QUICK = {
  cluster: { monitor_ping_interval: "2s", pin_recover_interval: "2s", state_sync_interval: "5s" },
  consensus: { rebroadcast_interval: "2s" },
  connector: { pin_timeout: "30s", connect_swarms_delay: "1s" },
  monitor: { check_interval: "1s" },
  informer: { metric_ttl: "6s" },
} as const satisfies Json;

function at(port: number | undefined): string {
  return `/ip4/127.0.0.1/tcp/${port ?? 0}`;
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

async function answerOf(url: string, method = "GET"): Promise<unknown> {
  const response = await fetch(url, { method });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

/** A line of what a peer tells of the others: one that it does not reach has an error. */
function isReached(line: string): boolean {
  return (JSON.parse(line) as { error: string }).error === "";
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function read<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, "utf8")) as T;
}
