import { Keyring } from "../crypto/keyring/keyring.js";
import { CareKeyError, isCareKeyError } from "../errors.js";
import { newFile } from "../new-file.js";
import type { Session } from "./session.js";
import { textOf } from "./text-file.js";

/** A new code, and whether it was typed back and opened the vault. */
export interface OfferedCode {
  readonly slot: string;
  readonly tested: boolean;
}

/**
 * Adds a recovery code to a keyring: shown once to a person, who types it back, or written to a new file.
 * @throws INVALID_ARGUMENT when there is neither; FILE_EXISTS, before anything is changed
 */
export async function offerCode(session: Session, keyring: Keyring, file: string | undefined): Promise<OfferedCode> {
  const { terminal } = session;
  if (file === undefined && !terminal.isInteractive)
    throw new CareKeyError("INVALID_ARGUMENT", "Nobody is there to write the code down: give --code-file");
  const {
    slot: { id: slot },
    words,
  } = keyring.addRecoveryCode();
  if (file !== undefined) {
    await writeSecret(file, `${words}\n`);
    return { slot, tested: false };
  }
  await terminal.privately(sheet(words), () => terminal.ask("Written down? Enter goes on", ""));
  for (;;) {
    const typed = await terminal.privately([], () =>
      terminal.ask("Type the words as you wrote them (empty: later)", ""),
    );
    if (typed.trim() === "") return { slot, tested: false };
    try {
      await Keyring.open(keyring.encode(), { kind: "recovery-code", words: typed }, { slot });
      return { slot, tested: true };
    } catch (error) {
      if (!isCareKeyError(error)) throw error;
      terminal.note(`${error.what}. ${error.remedy}`);
    }
  }
}

/**
 * A recovery code that somebody has: typed where it leaves no trace, or read from a file.
 * @throws FILE_UNREADABLE, INVALID_ARGUMENT
 */
export async function codeOf({ terminal }: Session, file: string | undefined): Promise<string> {
  if (file !== undefined) return textOf(file, "The file of the recovery code");
  if (!terminal.isInteractive)
    throw new CareKeyError("INVALID_ARGUMENT", "Nobody is there to type the recovery code: give --code-file");
  return terminal.privately([], () => terminal.ask("The 24 words of the recovery code", ""));
}

/** Writes a new file that only its owner reads. */
export async function writeSecret(file: string, content: string | Uint8Array): Promise<void> {
  await newFile(file, (handle) => handle.writeFile(content));
}

/** The words as they should stand on paper: numbered, four in a line. */
function sheet(words: string): string[] {
  const cells = words.split(" ").map((word, at) => `${String(at + 1).padStart(2)} ${word}`.padEnd(14));
  const lines = Array.from({ length: cells.length / 4 }, (_, at) => cells.slice(at * 4, at * 4 + 4).join(""));
  return [
    "Your recovery code. Write it on paper, with your address, and keep it where you keep deeds.",
    "It opens your records without passphrase and without this machine. It is not shown again, and it is no wallet's seed.",
    "",
    ...lines,
    "",
  ];
}
