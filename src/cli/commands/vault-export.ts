import { mkdir } from "node:fs/promises";
import path from "node:path";

import { Command } from "@commander-js/extra-typings";

import { sealWithPassphrase } from "../../crypto/passphrase.js";
import { writeSecret } from "../code.js";
import { example } from "../help.js";
import { type Session, profileOf, unlock } from "../session.js";
import { walletOf } from "../profile.js";

/** Writes the keys for other programs. */
export function vaultExportCommand(session: () => Session) {
  return new Command("export")
    .description("write wallet.json and identities.age, which other wallets and `age -d` open with your passphrase")
    .requiredOption("--to <folder>", "folder for the two files")
    .addHelpText("after", example("carekey vault export --to keys"))
    .action(async ({ to }) => {
      const here = session();
      const { keyring, passphrase } = await unlock(here);
      const { settings } = await profileOf(here);
      const folder = path.resolve(to);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const lines = keyring.identities.map(({ version, identity }) => `# key version ${version}\n${identity}\n`);
      const line = here.terminal.progress();
      line.update("locking the keys");
      const wallet = await walletOf(keyring, settings.address).encrypt(passphrase);
      const identities = await sealWithPassphrase(new TextEncoder().encode(lines.join("")), passphrase);
      line.done();
      const files = [path.join(folder, "wallet.json"), path.join(folder, "identities.age")] as const;
      await writeSecret(files[0], wallet);
      await writeSecret(files[1], identities);
      here.terminal.result(
        { files },
        files.map((file) => `Wrote ${file}`),
      );
    });
}
