import { once } from "node:events";
import path from "node:path";

import { Command, Option } from "@commander-js/extra-typings";

import { isCareKeyError } from "../../errors.js";
import type { Collected } from "../../node/guarded-store.js";
import type { Scope } from "../../node/tokens.js";
import { erasureReceipts } from "../../record/erasure-operator.js";
import { fsStore } from "../../storage/fs.js";
import { kuboStoreAt } from "../../storage/kubo-url.js";
import { example } from "../help.js";
import { bytesOf, durationOf, portOf } from "../measures.js";
import { type Session, unlock } from "../session.js";
import type { Terminal } from "../terminal.js";

/** A storage node: others keep their sealed blocks on it. Needs neither profile nor passphrase, but to sign receipts. */
export function nodeCommand(session: () => Session) {
  return new Command("node")
    .description("a storage node that keeps sealed blocks for others; alone: run")
    .addCommand(runCommand(session), { isDefault: true })
    .addCommand(tokenCommand(session));
}

/** The node itself, which no other command waits to have loaded. */
async function nodeModules() {
  const [{ guardedStore }, { serveNode }, { tokenSecret }] = await Promise.all([
    import("../../node/guarded-store.js"),
    import("../../node/serve.js"),
    import("../../node/tokens.js"),
  ]);
  return { guardedStore, serveNode, tokenSecret };
}

const storeOption = ["--store <folder>", "folder of the node (default: node in CAREKEY_HOME)"] as const;

function runCommand(session: () => Session) {
  return new Command("run")
    .description("serve blocks as a trustless IPFS gateway, until Ctrl-C")
    .option(...storeOption)
    .option("--ipfs <url>", "keep the blocks in the IPFS node whose RPC has this URL, the tokens' secret in the folder")
    .option("--host <host>", "where to listen; anything but loopback belongs behind TLS", "127.0.0.1")
    .option("--port <port>", "port of the gateway; 0 is a free one", portOf, 18_080)
    .addOption(
      new Option("--rpc-port <port>", "port of Kubo's RPC, for IPFS clients; none by default").argParser(portOf),
    )
    .addOption(new Option("--quota <size>", "the most that it keeps, e.g. 100GB").argParser(bytesOf))
    .option("--grace <time>", "how long a block stays without a pin", durationOf, durationOf("1h"))
    .option("--collect <time>", "how often it removes what no pin leads to", durationOf, durationOf("1h"))
    .option(
      "--receipts",
      "sign erasures as the profile's account, which needs a credential for the role storage",
      false,
    )
    .addHelpText("after", example("carekey node --quota 100GB", "carekey node --store /srv/blocks --rpc-port 15001"))
    .action(async ({ store: folder, ipfs, host, port, rpcPort, quota, grace, collect, receipts }) => {
      const { terminal, interruption, home } = session();
      const { guardedStore, serveNode, tokenSecret } = await nodeModules();
      const place = placeOf(home, folder);
      const signer = receipts ? erasureReceipts((await unlock(session())).carekey.chain) : undefined;
      await interruption.careful(async (signal) => {
        const inner = ipfs === undefined ? await fsStore(place) : await kuboStoreAt(ipfs, { signal });
        const store = guardedStore(inner, {
          quota,
          grace,
          // an interval of none would never rest
          collectEvery: collect === 0 ? undefined : collect,
          onCollection: (collection) => {
            void told(terminal, collection);
          },
        });
        const rpc = rpcPort === undefined ? undefined : { host, port: rpcPort };
        const node = await serveNode({ store, receipts: signer, host, port, rpc, secret: await tokenSecret(place) });
        try {
          // counted before it is ready: a store that fails is known at once
          const { blocks, bytes } = await store.usage();
          const { url: gateway, rpcUrl } = node;
          terminal.event({ event: "ready", gateway, rpc: rpcUrl, blocks, bytes, quota }, [
            `Gateway: ${gateway}`,
            ...(rpcUrl === undefined ? [] : [`RPC:     ${rpcUrl}`]),
            `${blocks} blocks, ${bytes} bytes${quota === undefined ? "" : ` of ${quota}`}. Ctrl-C ends it.`,
          ]);
          if (!signal.aborted) await once(signal, "abort");
        } finally {
          await node.close();
          await store.close();
        }
        terminal.event({ event: "closed" }, ["Closed."]);
      });
    });
}

function tokenCommand(session: () => Session) {
  return new Command("token")
    .description("make a token for this node: put (blocks, pins; at most an hour) or manage (everything, and the RPC)")
    .option(...storeOption)
    .addOption(
      new Option("--scope <scope>", "what it allows").choices(["put", "manage"] as const).makeOptionMandatory(),
    )
    .option("--ttl <time>", "how long it is good", durationOf, durationOf("10m"))
    .addHelpText("after", example("carekey node token --scope put --ttl 10m"))
    .action(async ({ store: folder, scope, ttl }) => {
      const { terminal, home } = session();
      const token = await tokenOf(placeOf(home, folder), scope, ttl);
      terminal.result({ token, scope, seconds: Math.floor(ttl / 1000) }, [token]);
    });
}

async function tokenOf(place: string, scope: Scope, lifetime: number): Promise<string> {
  const { issueToken, tokenSecret } = await import("../../node/tokens.js");
  return issueToken(await tokenSecret(place), { scope, lifetime });
}

function placeOf(home: string, folder: string | undefined): string {
  return path.resolve(folder ?? path.join(home, "node"));
}

/** A collection that happened by itself. */
async function told(terminal: Terminal, collection: Promise<Collected>): Promise<void> {
  try {
    const { removed, bytes, kept } = await collection;
    if (removed === 0) return;
    terminal.event({ event: "collected", removed, bytes, kept }, [
      `Removed ${removed} unpinned blocks, ${bytes} bytes.`,
    ]);
  } catch (error) {
    if (isCareKeyError(error, "CANCELLED")) return;
    const code = isCareKeyError(error) ? error.code : "UNFORESEEN";
    terminal.event({ event: "failed", code }, [`Unpinned blocks could not be removed [${code}].`]);
  }
}
