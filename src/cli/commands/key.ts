import { Command } from "@commander-js/extra-typings";

import { checkAddress } from "../../chain/ids.js";
import { generateIdentity } from "../../crypto/recipients.js";
import type { Pin } from "../../record/pins.js";
import type { KeyRotated } from "../../record/rotate-key.js";
import { defaultKeyWait, fingerprintOf } from "../../record/trust.js";
import { example } from "../help.js";
import { publishedVault } from "../recovery.js";
import { type Session, long, profileOf, unlock } from "../session.js";
import { dateTime } from "../text.js";

/** The actor's own encryption key, and those of others. */
export function keyCommand(session: () => Session) {
  return new Command("key")
    .description("your encryption key, and the keys that you saw of others; alone: publish")
    .addCommand(publishCommand(session), { isDefault: true })
    .addCommand(rotateCommand(session))
    .addCommand(pinsCommand(session))
    .addCommand(confirmCommand(session));
}

function publishCommand(session: () => Session) {
  return new Command("publish")
    .description(
      "publish your encryption key, so that others can share with you, and your sealed vault, so that a recovery method finds it; published already: changes nothing",
    )
    .addHelpText("after", example("carekey key", "carekey key publish"))
    .action(async () => {
      const unlocked = await unlock(session());
      const { carekey } = unlocked;
      await carekey.publishKey();
      const vault = await publishedVault(session(), unlocked, { anew: true });
      const key = await carekey.publishedKey();
      const fingerprint = key && fingerprintOf(key.digest);
      const value = { address: carekey.address, version: key?.version, digest: key?.digest, fingerprint, vault };
      session().terminal.result(value, [
        `Key ${String(key?.version)} of ${carekey.address} is published.`,
        `Fingerprint to compare with others: ${String(fingerprint)}`,
        vault === undefined
          ? "No vault is published: nothing but your passphrase opens it (carekey vault add-code)."
          : "The sealed vault is published, without its passphrase slot.",
        "Next: `carekey compartment add <name>`, then `carekey record add` and `carekey grant`.",
      ]);
    });
}

function rotateCommand(session: () => Session) {
  return new Command("rotate")
    .description("take a new key into use and seal your records' manifests to it; interrupted: do it again")
    .addHelpText("after", example("carekey key rotate"))
    .action(async () => {
      const here = session();
      const unlocked = await unlock(here);
      // what an earlier rotation left undone is finished first, and is then what was asked for
      let report = await long(here, (pipeline) => unlocked.carekey.rotateKey(pipeline));
      const isFinished = report.published || report.resealed.length > 0;
      if (!isFinished) {
        const renewed = await unlocked.withIdentity(await generateIdentity());
        // a recovery has to bring the new identity, too
        await publishedVault(here, renewed);
        report = await long(here, (pipeline) => renewed.carekey.rotateKey(pipeline));
      }
      here.terminal.result(valueOf(unlocked.carekey.address, report), linesOf(report, isFinished));
    });
}

function valueOf(address: string, { key: { version, digest }, ...report }: KeyRotated): object {
  return { address, version, digest, fingerprint: fingerprintOf(digest), ...report };
}

function linesOf({ key, resealed, current, unreadable }: KeyRotated, isFinished: boolean): string[] {
  return [
    isFinished ? `The rotation to key ${key.version} is finished.` : `Key ${key.version} is in use.`,
    `Manifests sealed to it: ${resealed.length}${current > 0 ? `, and ${current} before` : ""}.`,
    ...unreadable.map(({ recordId, code }) => `Not that of ${recordId}: ${code}`),
    `Fingerprint to tell others: ${fingerprintOf(key.digest)}`,
    "Others seal to it once they confirmed it, or after a waiting time. The older key is kept: it opens what was sealed to it.",
    "Was the older key stolen? Then `carekey record rotate` too: this encrypts no file anew.",
  ];
}

function pinsCommand(session: () => Session) {
  return new Command("pins")
    .description("the keys of others that you saw, and newer ones that wait")
    .addHelpText("after", example("carekey key pins", "carekey key pins --json"))
    .action(async () => {
      const { terminal } = session();
      const { settings } = await profileOf(session());
      const { carekey } = await unlock(session());
      const wait = settings.keyWait ?? defaultKeyWait;
      const pins = await carekey.pins();
      const shown = pins.map(({ actor, version, digest, because, held }) => ({
        ...{ actor, version, fingerprint: fingerprintOf(digest), because },
        ...(held && {
          held: { version: held.version, fingerprint: fingerprintOf(held.digest), until: held.since + wait },
        }),
      }));
      const rows = shown.map(({ actor, version, fingerprint, because, held }) => [
        ...[actor, String(version), fingerprint, because],
        held ? `key ${held.version}, ${held.fingerprint}, until ${dateTime(held.until)}` : "",
      ]);
      terminal.result(
        { pins: shown },
        rows.length === 0
          ? ["None yet: a key is seen when something is shared or granted."]
          : terminal.table(["actor", "key", "fingerprint", "believed by", "waits"], rows),
      );
    });
}

function confirmCommand(session: () => Session) {
  return new Command("confirm")
    .description("believe somebody's newest key: its fingerprint is what they read out to you")
    .argument("<address>", "whose")
    .argument("<fingerprint...>", "32 hex digits, with or without spaces")
    .addHelpText("after", example("carekey key confirm 0x7099…79C8 3f5c 9a01 77de 0b42 61c8 f00d 19e3 a5b7"))
    .action(async (given, fingerprint) => {
      const actor = checkAddress(given, "Actor");
      const { carekey } = await unlock(session());
      const pin: Pin = await carekey.confirmKey(actor, fingerprint.join(" "));
      session().terminal.result({ actor, version: pin.version, fingerprint: fingerprintOf(pin.digest) }, [
        `Key ${pin.version} of ${actor} is confirmed.`,
        "Next: `carekey redeliver` sends what waited for it.",
      ]);
    });
}
