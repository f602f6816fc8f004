import { Command } from "@commander-js/extra-typings";

import { requestFingerprint, parseRequest } from "../../crypto/keyring/recovery-request.js";
import { releaseShare } from "../../crypto/keyring/shares.js";
import { decodeVault } from "../../crypto/keyring/vault.js";
import { CareKeyError } from "../../errors.js";
import { writeSecret } from "../code.js";
import { example } from "../help.js";
import { type Session, unlock } from "../session.js";
import { readUpTo } from "../share-files.js";

/** A guardian's answer to somebody who lost everything. */
export function releaseCommand(session: () => Session) {
  return new Command("release")
    .description("as a guardian: give your share of somebody's vault to their new machine; telephone first")
    .argument("<request-file>", "what they sent you (carekey recover ask)")
    .requiredOption("--to <share-file>", "new file to send back")
    .addHelpText("after", example("carekey release request.json --to share.age"))
    .action(async (requestFile, { to }) => {
      const here = session();
      const text = new TextDecoder().decode(await readUpTo(requestFile, 64 * 1024, "The request"));
      const { actor, chainId, vault: id, slot, recipient } = parseRequest(text);
      const fingerprint = requestFingerprint(recipient);
      here.terminal.note(`${actor} asks for your share, for a key with these words:`);
      here.terminal.note(`  ${fingerprint}`);
      await here.terminal.confirm("Did they read you these very words, by voice or face to face?");
      const { carekey, keyring } = await unlock(here);
      if (chainId !== carekey.chain.chainId)
        throw new CareKeyError("VAULT_MISMATCH", "The request is for another chain", { field: "chainId" });
      const vault = decodeVault(await carekey.fetchVault(actor));
      if (`0x${Buffer.from(vault.id).toString("hex")}` !== id)
        throw new CareKeyError("VAULT_MISMATCH", "The request is for another vault than the one published", {
          field: "vault",
        });
      const identities = keyring.identities.map(({ identity }) => identity);
      const share = await releaseShare(vault, slot, identities, recipient);
      await writeSecret(to, share.bytes);
      here.terminal.result({ actor, slot, index: share.index, fingerprint, file: to }, [
        `Share ${share.index} is in ${to}. Only the key with the words above opens it.`,
      ]);
    });
}
