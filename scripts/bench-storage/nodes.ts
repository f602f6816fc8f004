import { once } from "node:events";
import { createReadStream } from "node:fs";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";

import { NodeProcess, poolOfNodes } from "../../test/cli/helpers/node-process.js";
import { alternating, type Group, ratio } from "../bench-crypto/group.js";
import { BenchStage, MEBIBYTES, RUNS } from "./stage.js";

const NODES = 14;
/** Milliseconds by which a slow node answers later. */
const DELAY = 1000;

type Mode = "sound" | "slow" | "stalled";

/**
 * A file in fragments 10 + 4 on fourteen processes of `carekey node`, read by a new process: with one node that answers a second late, or never,
 * over the same with all of them sound. The start of the reading process is not counted.
 */
export const nodes: Group = {
  targets: { slowNodeToSound: { atMost: 1.2 }, stalledNodeToSound: { atMost: 1.2 } },
  run: (note) =>
    BenchStage.run(async (stage) => {
      const folder = (index: number): string => stage.at(`node-${index}`);
      const indices = Array.from({ length: NODES }, (_, index) => index);
      const env = { ...process.env, CAREKEY_HOME: stage.folder };
      const running = await Promise.all(indices.map((index) => NodeProcess.start(env, "--store", folder(index))));
      const urls = running.map(({ ready }) => ready.gateway);
      const middle = await Middle.before(urls[0] ?? "");
      urls[0] = middle.url;
      try {
        const pool = await poolOfNodes(urls, folder);
        const { cid, parity } = await pool.addFile(createReadStream(await stage.noise("plain")));
        const located = Buffer.from(
          JSON.stringify({ urls, cid: cid.toString(), parity: { ...parity, cid: parity?.cid.toString() } }),
        ).toString("base64url");
        const read = async (mode: Mode): Promise<number> => {
          middle.mode = mode;
          const { seconds, size } = await stage.our("pool", located);
          if (size !== MEBIBYTES * 1024 * 1024) throw new Error(`${String(size)} bytes came back`);
          return seconds;
        };
        const figures: Record<string, number> = {};
        for (const mode of ["slow", "stalled"] as const) {
          const pairs = await alternating(
            RUNS,
            () => read(mode),
            () => read("sound"),
          );
          for (const { theirs, ours } of pairs)
            note(`nodes: ${MEBIBYTES} MiB, one ${mode} ${theirs.toFixed(3)} s, all sound ${ours.toFixed(3)} s`);
          figures[`${mode}NodeToSound`] = ratio(pairs);
        }
        return figures;
      } finally {
        middle.close();
        await Promise.all(running.map((node) => node.kill()));
      }
    }),
};

/** Stands before a node and passes on what it says, at once, late, or never. */
class Middle {
  mode: Mode = "sound";
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => {
    this.#join(client);
  });

  private constructor(private readonly port: number) {}

  static async before(url: string): Promise<Middle> {
    const middle = new Middle(Number(new URL(url).port));
    middle.#server.listen(0, "127.0.0.1");
    await once(middle.#server, "listening");
    return middle;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client: Socket): void {
    const node = connect(this.port, "127.0.0.1");
    for (const [from, to] of [
      [client, node],
      [node, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    client.pipe(node);
    const { mode } = this;
    if (mode === "sound") node.pipe(client);
    else if (mode === "slow")
      node.on("data", (piece: Buffer) => setTimeout(() => client.writable && client.write(piece), DELAY));
  }
}
