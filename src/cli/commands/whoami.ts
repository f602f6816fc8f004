import { Command } from "@commander-js/extra-typings";
import { VoidSigner } from "ethers";

import { connectChain } from "../../chain/connection.js";
import { credentialsOf } from "../../chain/credentials.js";
import { roles } from "../../chain/ids.js";
import { keyVersion } from "../../chain/keys.js";
import { example } from "../help.js";
import { checkNames, checkingOf, warnOfOneSource } from "../checking.js";
import { type Session, deploymentOf, profileOf } from "../session.js";
import { placeOfStore } from "../store-settings.js";
import { dateTime } from "../text.js";

/** Says who is at work; needs no passphrase. */
export function whoamiCommand(session: () => Session) {
  return new Command("whoami")
    .description("who you are here: address, chain, store, key and credentials")
    .addHelpText("after", example("carekey whoami", "carekey --profile doctor whoami --json"))
    .action(async () => {
      const { terminal, home, checking } = session();
      const { name, settings } = await profileOf(session());
      const deployment = await deploymentOf(settings);
      const chain = await connectChain({
        signer: new VoidSigner(settings.address),
        provider: settings.rpc,
        deployment,
        ...checkingOf(checking, settings),
      });
      const checkedBy = await chain.checkedBy();
      warnOfOneSource(terminal, checkedBy);
      const version = await keyVersion(chain, settings.address);
      const credentials = (
        await Promise.all(
          roles.map(async (role) =>
            (await credentialsOf(chain, settings.address, role)).map((each) => ({ role, ...each })),
          ),
        )
      ).flat();
      const store = placeOfStore(settings.store);
      const { address, rpc, chainId } = settings;
      const value = { profile: name, address, chainId, rpc, checkedBy, store, home, keyVersion: version, credentials };
      terminal.result(value, [
        `Profile      ${name} (${home})`,
        `Address      ${address}`,
        `Chain        ${chainId} at ${rpc}`,
        `Checked      ${checkNames[checkedBy]}`,
        `Store        ${store}`,
        `Key          ${version === 0 ? "not published: carekey key" : `version ${version}`}`,
        ...credentials.map(({ role, from, until }) => `Credential   ${role}, ${dateTime(from)} to ${dateTime(until)}`),
      ]);
    });
}
