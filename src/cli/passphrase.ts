import { CareKeyError } from "../errors.js";
import type { Session } from "./session.js";
import { firstLine } from "./text-file.js";

const minimumLength = 8;

/**
 * The passphrase: the first line of CAREKEY_PASSPHRASE_FILE, else a person's answer.
 * @throws FILE_UNREADABLE, INVALID_ARGUMENT when there is neither
 */
export async function passphraseOf({ env, terminal }: Session, question = "Passphrase"): Promise<string> {
  const file = env.CAREKEY_PASSPHRASE_FILE;
  if (file !== undefined && file !== "") return firstLine(file, "The file that CAREKEY_PASSPHRASE_FILE names");
  if (!terminal.isInteractive)
    throw new CareKeyError("INVALID_ARGUMENT", "Nobody is there to type the passphrase: set CAREKEY_PASSPHRASE_FILE");
  return terminal.askSecret(question);
}

/**
 * A passphrase to be set: typed twice by a person, or taken from a file.
 * @param file In place of the one that CAREKEY_PASSPHRASE_FILE names.
 * @throws INVALID_ARGUMENT when it is short, or the two differ
 */
export async function newPassphrase(session: Session, file?: string): Promise<string> {
  const question = "Choose a passphrase";
  const passphrase = await (file === undefined
    ? passphraseOf(session, question)
    : firstLine(file, "The file of the new passphrase"));
  if (passphrase.length < minimumLength)
    throw new CareKeyError("INVALID_ARGUMENT", `A passphrase has at least ${minimumLength} characters`, {
      length: passphrase.length,
    });
  if (file !== undefined || session.env.CAREKEY_PASSPHRASE_FILE) return passphrase;
  if ((await passphraseOf(session, "Once more")) !== passphrase)
    throw new CareKeyError("INVALID_ARGUMENT", "The two passphrases differ");
  return passphrase;
}
