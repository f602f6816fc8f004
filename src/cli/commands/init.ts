import { readFile } from "node:fs/promises";
import path from "node:path";

import { Command } from "@commander-js/extra-typings";
import { Wallet } from "ethers";

import { connect } from "../../connect.js";
import { generateIdentity } from "../../crypto/recipients.js";
import { sealWithPassphrase } from "../../crypto/passphrase.js";
import { jsonRpcChainId } from "../../chain/connection.js";
import { CareKeyError } from "../../errors.js";
import { example } from "../help.js";
import { type Settings, createProfile, defaultBlocks, requireNoProfile } from "../profile.js";
import { type Session, deploymentOf, passphraseOf, storeOf } from "../session.js";

const minimumLength = 8;

/** Makes a wallet, an identity and a profile that holds both under one passphrase. */
export function initCommand(session: () => Session) {
  return new Command("init")
    .description("make a new actor on this machine: wallet key and record identity, under one passphrase")
    .option("--rpc <url>", "JSON-RPC node of the chain (http://127.0.0.1:18545)")
    .option("--deployment <file>", "carekey.json of the deployment (default: the one recorded for the chain)")
    .option("--store <folder>", "folder for IPFS blocks (default: blocks in CAREKEY_HOME, shared by its profiles)")
    .option("--ipfs <url>", "RPC of an IPFS node to use instead of a folder")
    .option("--private-key-file <file>", "take the wallet key from a file instead of making one")
    .addHelpText(
      "after",
      example(
        "carekey init",
        "carekey --profile doctor init --rpc http://127.0.0.1:18545 --deployment carekey.json --ipfs http://127.0.0.1:5001",
      ),
    )
    .action(async (options) => {
      const here = session();
      const { terminal, home, profileName } = here;
      if (options.store !== undefined && options.ipfs !== undefined)
        throw new CareKeyError("INVALID_ARGUMENT", "Give --store or --ipfs, not both");
      await requireNoProfile(home, profileName);
      const fallback = "http://127.0.0.1:18545";
      const rpc = options.rpc ?? (terminal.isInteractive ? await terminal.ask("JSON-RPC node", fallback) : fallback);
      const chainId = await jsonRpcChainId(rpc);
      const deploymentFile = options.deployment === undefined ? undefined : path.resolve(options.deployment);
      const where = { chainId, ...(deploymentFile === undefined ? {} : { deployment: deploymentFile }) };
      const deployment = await deploymentOf(where);
      const wallet = await newWallet(options.privateKeyFile);
      const store: Settings["store"] =
        options.ipfs === undefined
          ? { kind: "fs", directory: path.resolve(options.store ?? defaultBlocks(home)) }
          : { kind: "ipfs", url: options.ipfs };
      const settings: Settings = { version: 1, address: wallet.address, rpc, ...where, store };
      const identity = await generateIdentity();
      // everything that can be refused is, before a passphrase is asked for and anything is written
      await connect({ signer: wallet, provider: rpc, deployment, store: await storeOf(settings), identity });
      const passphrase = await newPassphrase(here);
      const line = terminal.progress();
      line.update("locking the keys");
      const profile = {
        name: profileName,
        settings,
        wallet: await wallet.encrypt(passphrase),
        identity: await sealWithPassphrase(new TextEncoder().encode(`${identity}\n`), passphrase),
      };
      // no half of it is left when somebody presses Ctrl-C now
      await here.interruption.careful(() => createProfile(home, profile));
      line.done();
      terminal.result({ profile: profileName, address: wallet.address, chainId, home }, [
        `Profile ${profileName}: ${wallet.address} on chain ${chainId}, in ${home}`,
        "Next: `carekey key` publishes your encryption key. Keep a copy of the folder: without it your records are lost.",
      ]);
    });
}

async function newWallet(file: string | undefined): Promise<Wallet> {
  if (file === undefined) return new Wallet(Wallet.createRandom().privateKey);
  let text: string;
  try {
    text = (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new CareKeyError("FILE_UNREADABLE", "The file of the private key can't be read", {}, { cause });
  }
  try {
    return new Wallet(text);
  } catch {
    // ethers' error would carry the key
    throw new CareKeyError("INVALID_ARGUMENT", "The file holds no private key (0x and 64 hex digits)");
  }
}

async function newPassphrase(session: Session): Promise<string> {
  const passphrase = await passphraseOf(session, "Choose a passphrase");
  if (passphrase.length < minimumLength)
    throw new CareKeyError("INVALID_ARGUMENT", `A passphrase has at least ${minimumLength} characters`, {
      length: passphrase.length,
    });
  if (session.env.CAREKEY_PASSPHRASE_FILE) return passphrase;
  if ((await passphraseOf(session, "Once more")) !== passphrase)
    throw new CareKeyError("INVALID_ARGUMENT", "The two passphrases differ");
  return passphrase;
}
