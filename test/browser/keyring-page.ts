/** What the page offers to the test: the keyring as an application would use it, from the one source that Node runs too. */
import { Keyring } from "../../src/crypto/keyring/keyring.js";
import { createPasskey, webauthnAuthenticator } from "../../src/crypto/keyring/passkey.js";
import { releaseShare } from "../../src/crypto/keyring/shares.js";
import { decodeVault } from "../../src/crypto/keyring/vault.js";
import { generateIdentity, recipientOf } from "../../src/crypto/recipients.js";
import { outcome } from "./outcome.js";

const owner = { chainId: 31337, actor: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8" };

const page = {
  /** A vault with a slot of each kind; bytes as arrays, as the test's channel takes them. */
  create: () =>
    outcome(async () => {
      const identity = await generateIdentity();
      const keyring = Keyring.create(owner, { identities: [{ version: 1, identity }] });
      await keyring.setPassphrase("typed in a browser", { workFactor: 15 });
      const { words } = keyring.addRecoveryCode();
      await keyring.addPasskey(await createPasskey("CareKey"));
      const guardians = await Promise.all([generateIdentity(), generateIdentity()]);
      await keyring.addGuardians(await Promise.all(guardians.map(recipientOf)), 2);
      return { file: [...keyring.encode()], identity, words, guardians };
    }),
  /** One more passkey, of another device. */
  addPasskey: (file: number[], words: string) =>
    outcome(async () => {
      const { keyring } = await Keyring.open(new Uint8Array(file), { kind: "recovery-code", words });
      await keyring.addPasskey(await createPasskey("CareKey", webauthnAuthenticator({ type: "security-key" })));
      return { file: [...keyring.encode()] };
    }),
  byPasskey: (file: number[]) =>
    outcome(async () => (await Keyring.open(new Uint8Array(file), { kind: "passkey" })).keyring.identity),
  byPassphrase: (file: number[], passphrase: string) =>
    outcome(
      async () => (await Keyring.open(new Uint8Array(file), { kind: "passphrase", passphrase })).keyring.identity,
    ),
  byCode: (file: number[], words: string) =>
    outcome(async () => (await Keyring.open(new Uint8Array(file), { kind: "recovery-code", words })).keyring.identity),
  byGuardians: (file: number[], guardians: string[]) =>
    outcome(async () => {
      const vault = decodeVault(new Uint8Array(file));
      const slot = vault.slots.find(({ kind }) => kind === "guardians")?.id ?? new Uint8Array();
      const name = `0x${[...slot].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
      const identity = await generateIdentity();
      const recipient = await recipientOf(identity);
      const shares = await Promise.all(guardians.map((each) => releaseShare(vault, name, [each], recipient)));
      const method = { kind: "guardians", shares: shares.map(({ bytes }) => bytes), identity } as const;
      return (await Keyring.open(new Uint8Array(file), method)).keyring.identity;
    }),
};

/** What the test sees. */
export type Page = typeof page;

Object.assign(globalThis, { page });
