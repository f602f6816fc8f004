import { Command } from "@commander-js/extra-typings";
import { Wallet, getBytes } from "ethers";

import { keyVersion } from "../../chain/keys.js";
import { connect } from "../../connect.js";
import { Keyring } from "../../crypto/keyring/keyring.js";
import { generateIdentity } from "../../crypto/recipients.js";
import { CareKeyError } from "../../errors.js";
import { checkingOf, warnOfOneSource } from "../checking.js";
import { offerCode } from "../code.js";
import { example } from "../help.js";
import { newPassphrase } from "../passphrase.js";
import { placeOf, placeOptions } from "../place.js";
import { type Settings, createProfile, requireNoProfile } from "../profile.js";
import type { Session } from "../session.js";
import { openStore } from "../stores.js";
import { textOf } from "../text-file.js";

/** Makes a wallet, an identity and a profile that holds both in a vault. */
export function initCommand(session: () => Session) {
  return new Command("init")
    .description(
      "make a new actor on this machine: wallet key and record identity in a vault, a passphrase and a recovery code",
    )
    .option(...placeOptions.rpc)
    .option(...placeOptions.deployment)
    .option(...placeOptions.store)
    .option(...placeOptions.ipfs)
    .option(...placeOptions.node)
    .option(...placeOptions.tokenFile)
    .option(...placeOptions.pool)
    .option("--private-key-file <file>", "take the wallet key from a file instead of making one")
    .option(
      "--code-file <file>",
      "write the recovery code to a new file instead of showing it; then: carekey vault test",
    )
    .option("--i-accept-loss", "make no recovery code: without the passphrase everything is lost")
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
      await requireNoProfile(home, profileName);
      const { place, deployment } = await placeOf(here, options);
      const wallet = await newWallet(options.privateKeyFile);
      const identity = await generateIdentity();
      // everything that can be refused is, before a passphrase is asked for and anything is written
      const store = await openStore(place.store);
      const { chain } = await connect({
        ...checkingOf(place),
        ...{ signer: wallet, provider: place.rpc, deployment, store, identity },
      });
      warnOfOneSource(terminal, await chain.checkedBy());
      const version = (await keyVersion(chain, wallet.address)) + 1;
      const { chainId } = place;
      const owner = { chainId, actor: wallet.address };
      const keyring = Keyring.create(owner, {
        identities: [{ version, identity }],
        wallet: getBytes(wallet.privateKey),
      });
      const passphrase = await newPassphrase(here);
      const line = terminal.progress();
      line.update("locking the keys");
      const tested = [(await keyring.setPassphrase(passphrase)).id];
      // what was typed twice has to open what was locked
      await Keyring.open(keyring.encode(), { kind: "passphrase", passphrase }, { owner });
      line.done();
      const lossAccepted = options.iAcceptLoss ?? false;
      if (!lossAccepted && (terminal.isInteractive || options.codeFile !== undefined)) {
        const code = await offerCode(here, keyring, options.codeFile);
        if (code.tested) tested.push(code.slot);
      }
      const settings: Settings = { ...place, address: wallet.address, recovery: { tested, lossAccepted } };
      // no half of it is left when somebody presses Ctrl-C now
      await here.interruption.careful(() =>
        createProfile(home, { name: profileName, settings, vault: keyring.encode() }),
      );
      terminal.result({ profile: profileName, address: wallet.address, chainId, home, slots: keyring.slots, tested }, [
        `Profile ${profileName}: ${wallet.address} on chain ${chainId}, in ${home}`,
        "Write the address down beside the recovery code: both together bring everything back.",
        ...(tested.length > 1 || lossAccepted
          ? []
          : ["Before the first record: `carekey vault add-code`, `carekey vault test`."]),
        "Next: `carekey key` publishes your encryption key and the sealed vault.",
      ]);
    });
}

async function newWallet(file: string | undefined): Promise<Wallet> {
  if (file === undefined) return new Wallet(Wallet.createRandom().privateKey);
  const text = (await textOf(file, "The file of the private key")).trim();
  try {
    return new Wallet(text);
  } catch {
    // ethers' error would carry the key
    throw new CareKeyError("INVALID_ARGUMENT", "The file holds no private key (0x and 64 hex digits)");
  }
}
