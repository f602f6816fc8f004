import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { ask } from "./json-rpc.js";
import { Programs, freePorts } from "./programs.js";

/** The built-in genesis of a local network has exactly five validators, whose keys come with the node's source. */
const count = 5;
/** How the node names the program that runs an EVM chain. */
export const evmId = "srEXiWaHuhNyGwPUi444Tu47ZEDwxTWrbQiuD7FmgSAQ6X7Dy";
/** The first of the five, by its certificate: where the others begin. */
const firstNode = "NodeID-7Xhw2mDxuDS44j42TCB6U5579esbSt3Lg";

/** Programs that the network is made of. */
export interface NodePrograms {
  readonly avalanchego: string;
  readonly plugin: string;
  /** Folder with staker1.crt, staker1.key, signer1.key … of the built-in validators. */
  readonly staking: string;
}

interface Ports {
  readonly http: number;
  readonly staking: number;
}

/** Five validators on this machine that talk to nobody else. */
export class ValidatorNodes {
  /** The subnet that they validate, once there is one. */
  subnet: string | undefined;

  private constructor(
    private readonly programs: Programs,
    private readonly tools: NodePrograms,
    private readonly ports: readonly Ports[],
  ) {}

  static async open(tools: NodePrograms): Promise<ValidatorNodes> {
    const programs = await Programs.open("permissioned");
    const free = await freePorts(2 * count);
    const ports = Array.from({ length: count }, (_, node) => ({
      http: free[2 * node] ?? 0,
      staking: free[2 * node + 1] ?? 0,
    }));
    const nodes = new ValidatorNodes(programs, tools, ports);
    for (const folder of ["plugins", "chains", "subnets"]) await mkdir(nodes.#path(folder));
    await copyFile(tools.plugin, nodes.#path("plugins", evmId));
    return nodes;
  }

  /** Base URL of a node, from 0. */
  url(node: number): string {
    return `http://127.0.0.1:${this.ports[node]?.http ?? 0}`;
  }

  get all(): readonly number[] {
    return this.ports.map((_, node) => node);
  }

  /** Starts all and waits until each has the chain. */
  async start(chain: string): Promise<void> {
    for (const node of this.all) this.#start(node);
    await Promise.all(this.all.map((node) => this.#ready(node, chain)));
  }

  async end(): Promise<void> {
    await Promise.all(this.all.map((node) => this.programs.end(nameOf(node))));
  }

  /** Ends all and leaves nothing behind. */
  close(): Promise<void> {
    return this.programs.close();
  }

  /** Asks until there is an answer, or the first node ends. */
  until<T>(what: string, question: () => Promise<T | undefined>): Promise<T> {
    return this.programs.until(nameOf(0), what, question);
  }

  async configure(kind: "chains" | "subnets", file: string, settings: object): Promise<void> {
    const target = this.#path(kind, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, JSON.stringify(settings));
  }

  async #ready(node: number, chain: string): Promise<void> {
    await this.programs.until(nameOf(node), `chain ${chain}`, async () => {
      const { isBootstrapped } = await ask<{ isBootstrapped: boolean }>(
        `${this.url(node)}/ext/info`,
        "info.isBootstrapped",
        { chain },
      );
      return isBootstrapped || undefined;
    });
  }

  #start(node: number): void {
    const { http, staking } = this.ports[node] ?? { http: 0, staking: 0 };
    const first = this.ports[0]?.staking ?? 0;
    const key = (file: string): string => path.join(this.tools.staking, file);
    const flags: Record<string, string | number | boolean> = {
      "network-id": "local",
      "data-dir": this.#path(nameOf(node)),
      "http-host": "127.0.0.1",
      "http-port": http,
      "staking-host": "127.0.0.1",
      "staking-port": staking,
      "public-ip": "127.0.0.1",
      "staking-tls-cert-file": key(`staker${node + 1}.crt`),
      "staking-tls-key-file": key(`staker${node + 1}.key`),
      "staking-signer-key-file": key(`signer${node + 1}.key`),
      "bootstrap-ips": node === 0 ? "" : `127.0.0.1:${first}`,
      "bootstrap-ids": node === 0 ? "" : firstNode,
      "plugin-dir": this.#path("plugins"),
      "chain-config-dir": this.#path("chains"),
      "subnet-config-dir": this.#path("subnets"),
      ...(this.subnet === undefined ? {} : { "track-subnets": this.subnet }),
      "network-allow-private-ips": true,
      "network-max-reconnect-delay": "1s",
      "network-peer-list-pull-gossip-frequency": "250ms",
      "health-check-frequency": "2s",
      "proposervm-use-current-height": true,
      "proposervm-min-block-delay": "0s",
      "fd-limit": 16384,
      "log-display-level": "error",
      "log-level": "error",
    };
    this.programs.start(
      nameOf(node),
      this.tools.avalanchego,
      Object.entries(flags).map(([flag, value]) => `--${flag}=${String(value)}`),
    );
  }

  #path(...parts: readonly string[]): string {
    return path.join(this.programs.folder, ...parts);
  }
}

function nameOf(node: number): string {
  return `validator${node + 1}`;
}
