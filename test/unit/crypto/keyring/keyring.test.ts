import { createHash } from "node:crypto";

import { expect } from "chai";
import fc from "fast-check";

import { Keyring, type OpenedKeyring } from "../../../../src/crypto/keyring/keyring.js";
import type { OpeningMethod } from "../../../../src/crypto/keyring/open.js";
import { decodeVault, encodeVault, portableVault, type Vault } from "../../../../src/crypto/keyring/vault.js";
import { generateIdentity } from "../../../../src/crypto/recipients.js";
import { refused } from "../../../helpers/refusals.js";

const owner = { chainId: 31337, actor: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8" };
const passphrase = "a passphrase of somebody";
const workFactor = 15;
const wallet = new Uint8Array(32).fill(5);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const withPassphrase = { kind: "passphrase", passphrase } as const;

describe("a keyring", function () {
  this.timeout(60_000);
  let identity: string;

  before(async () => {
    identity = await generateIdentity();
  });

  const empty = (): Keyring => Keyring.create(owner, { identities: [{ version: 1, identity }], wallet });
  const open = (file: Uint8Array, method: OpeningMethod): Promise<OpenedKeyring> =>
    Keyring.open(file, method, { owner });
  /** A vault that opens by a recovery code, without an expensive step. */
  function coded(): { keyring: Keyring; file: Uint8Array; code: OpeningMethod; slot: string } {
    const keyring = empty();
    const { slot, words } = keyring.addRecoveryCode();
    return { keyring, file: keyring.encode(), code: { kind: "recovery-code", words }, slot: slot.id };
  }

  it("opens by each of its slots to the same identities and wallet", async () => {
    const { keyring, code } = coded();
    const { id } = await keyring.setPassphrase(passphrase, { workFactor });
    const file = keyring.encode();
    for (const method of [code, withPassphrase]) {
      const opened = await open(file, method);
      expect(opened.keyring.identities).to.deep.equal([{ version: 1, identity }]);
      expect(opened.keyring.wallet).to.deep.equal(wallet);
      expect(opened.keyring.owner).to.deep.equal(owner);
      expect(opened.refused).to.deep.equal([]);
    }
    expect((await open(file, withPassphrase)).slot).to.equal(id);
  });

  it("keeps old identities, newest first, and takes none that is not newer", async () => {
    const { keyring, code } = coded();
    const second = await generateIdentity();
    keyring.addIdentity({ version: 4, identity: second });
    const opened = await open(keyring.encode(), code);
    expect(opened.keyring.identities).to.deep.equal([
      { version: 4, identity: second },
      { version: 1, identity },
    ]);
    for (const version of [0, 1, 4, 4.5, 2 ** 32, NaN])
      await refused(() => {
        keyring.addIdentity({ version, identity });
      }, "INVALID_ARGUMENT");
    await refused(() => {
      keyring.addIdentity({ version: 5, identity: "AGE-SECRET-KEY-1" });
    }, "IDENTITY_INVALID");
  });

  it("adds and removes slots without rewriting any other", async () => {
    const { keyring, code, file } = coded();
    const before = decodeVault(file).slots;
    const another = keyring.addRecoveryCode();
    const guardians = await keyring.addGuardians(await recipients(3), 2);
    await keyring.setPassphrase(passphrase, { workFactor });
    const grown = decodeVault(keyring.encode()).slots;
    expect(grown.filter(({ kind }) => kind !== "passphrase").slice(0, 1)).to.deep.equal(before);

    const { keyring: later } = await open(keyring.encode(), code);
    later.removeSlot(another.slot.id);
    const shrunk = decodeVault(later.encode()).slots;
    expect(shrunk).to.deep.equal(grown.filter(({ id }) => `0x${hex(id)}` !== another.slot.id));
    expect(later.slots.map(({ kind }) => kind)).to.deep.equal(["passphrase", "recovery-code", "guardians"]);
    expect(later.slots.at(-1)).to.deep.equal({ ...guardians, guardians: 3, threshold: 2 });
    await refused(() => open(later.encode(), { kind: "recovery-code", words: another.words }), "VAULT_KEY_WRONG");
  });

  it("changes the passphrase and nothing else", async () => {
    const { keyring, code } = coded();
    await keyring.setPassphrase(passphrase, { workFactor });
    const before = keyring.encode();
    await keyring.setPassphrase("another passphrase", { workFactor });
    const after = keyring.encode();
    expect(hex(portableVault(after))).to.equal(hex(portableVault(before)));
    await refused(() => open(after, withPassphrase), "PASSPHRASE_WRONG");
    await open(after, { kind: "passphrase", passphrase: "another passphrase" });
    await open(after, code);
    // who kept the old file and the old passphrase opens that
    await open(before, withPassphrase);
  });

  it("takes a passphrase however a keyboard composed its accents", async () => {
    const keyring = empty();
    await keyring.setPassphrase("Schlüssel für Zoë", { workFactor });
    await open(keyring.encode(), { kind: "passphrase", passphrase: "Schlüssel für Zoë".normalize("NFD") });
  });

  it("writes the same file until something changes, and counts what changes for those who copy it", async () => {
    const { keyring, code } = coded();
    expect(keyring.generation).to.equal(1);
    expect(hex(keyring.encode())).to.equal(hex(keyring.encode()));
    const opened = (await open(keyring.encode(), code)).keyring;
    expect(hex(opened.encode())).to.equal(hex(keyring.encode()));
    opened.addRecoveryCode();
    opened.addRecoveryCode();
    expect(opened.generation).to.equal(2);
    const body = ({ salt, body: sealed }: Vault): string => hex(salt) + hex(sealed);
    expect(body(decodeVault(opened.encode()))).not.to.equal(body(decodeVault(keyring.encode())));
  });

  it("publishes all but the passphrase, the same bytes each time, and refuses when nothing is left", async () => {
    const { keyring, code } = coded();
    await keyring.setPassphrase(passphrase, { workFactor });
    const published = portableVault(keyring.encode());
    expect(hex(published)).to.equal(hex(portableVault(published)));
    expect(decodeVault(published).slots.map(({ kind }) => kind)).to.deep.equal(["recovery-code"]);
    expect((await open(published, code)).keyring.identities).to.have.lengthOf(1);
    await refused(() => open(published, withPassphrase), "SLOT_UNKNOWN", { kind: "passphrase" });

    const closed = empty();
    await closed.setPassphrase(passphrase, { workFactor });
    await refused(() => portableVault(closed.encode()), "RECOVERY_MISSING", { slots: 1 });
  });

  it("keeps at least one slot, has at most sixteen, and knows which it has", async () => {
    const { keyring, slot } = coded();
    await refused(
      () => {
        keyring.removeSlot(slot);
      },
      "SLOT_LAST",
      { slot },
    );
    await refused(
      () => {
        keyring.removeSlot("0x0000000000000000");
      },
      "SLOT_UNKNOWN",
      { slot: "0x0000000000000000" },
    );
    while (keyring.slots.length < 16) keyring.addRecoveryCode();
    await refused(() => keyring.addRecoveryCode(), "INVALID_ARGUMENT", { limit: 16 });
    await refused(() => keyring.setPassphrase(passphrase, { workFactor }), "INVALID_ARGUMENT", { limit: 16 });
    expect(decodeVault(keyring.encode()).slots).to.have.lengthOf(16);
    await refused(() => empty().encode(), "INVALID_ARGUMENT");
  });

  it("opens nothing by a slot of another kind or another vault", async () => {
    const [one, other] = [coded(), coded()];
    await refused(() => open(one.file, other.code), "VAULT_KEY_WRONG", { kind: "recovery-code" });
    await refused(() => open(one.file, withPassphrase), "SLOT_UNKNOWN", { kind: "passphrase" });
    await refused(() => open(one.file, { kind: "passkey" }), "SLOT_UNKNOWN", { kind: "passkey" });
    await refused(() => open(one.file, { kind: "guardians", shares: [], identity }), "SLOT_UNKNOWN");
    await refused(() => Keyring.open(one.file, one.code, { slot: other.slot }), "SLOT_UNKNOWN", { slot: other.slot });
    const [vault, foreign] = [decodeVault(one.file), decodeVault(other.file)];
    // a slot carried into another vault is not its key
    await refused(() => open(encodeVault({ ...vault, slots: foreign.slots }), other.code), "VAULT_KEY_WRONG");
    // and a body neither
    await refused(
      () => open(encodeVault({ ...vault, body: foreign.body, salt: foreign.salt }), one.code),
      "VAULT_DAMAGED",
      {
        reason: "body",
      },
    );
  });

  it("names whose vault it is, and opens no other actor's", async () => {
    const { file, code } = coded();
    const chain = { ...owner, chainId: 1 };
    await refused(() => Keyring.open(file, code, { owner: chain }), "VAULT_MISMATCH", { field: "chainId" });
    const actor = { ...owner, actor: "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc" };
    await refused(() => Keyring.open(file, code, { owner: actor }), "VAULT_MISMATCH", { field: "actor" });
    await Keyring.open(file, code, { owner: { ...owner, actor: owner.actor.toUpperCase().replace("0X", "0x") } });
  });

  it("refuses every file with a byte flipped or cut, before any key is used", async () => {
    const { file, code } = coded();
    for (let at = 0; at < file.length; at++) {
      const flipped = file.slice();
      flipped[at]! ^= 1 << (at % 8);
      const reason = at < 16 ? "magic" : "checksum";
      await refused(() => open(flipped, code), "VAULT_DAMAGED", { reason });
      const cut = file.subarray(0, at);
      await refused(() => open(cut, code), "VAULT_DAMAGED", { reason: at < 16 ? "magic" : "checksum" });
    }
    await refused(() => open(new Uint8Array(1024 * 1024 + 1), code), "VAULT_DAMAGED", { reason: "size" });
  });

  it("refuses every byte flipped by somebody who also corrects the checksum", async () => {
    const { file, code } = coded();
    for (let at = 0; at < file.length - 32; at++) {
      const flipped = file.slice();
      flipped[at]! ^= 1 << (at % 8);
      flipped.set(createHash("sha256").update(flipped.subarray(0, -32)).digest(), file.length - 32);
      const error = await refused(() => open(flipped, code));
      expect(["VAULT_DAMAGED", "VAULT_KEY_WRONG", "VAULT_MISMATCH"], `byte ${at}`).to.include(error.code);
    }
  });

  it("notices that a slot was dropped, added or moved, or the head changed", async () => {
    const { keyring, code } = coded();
    keyring.addRecoveryCode();
    const vault = decodeVault(keyring.encode());
    const [first, second] = vault.slots;
    for (const changed of [
      { slots: [first!] },
      { slots: [second!, first!] },
      { slots: [first!, second!, { ...second!, id: new Uint8Array(8) }] },
      { generation: vault.generation + 1 },
      { salt: new Uint8Array(32) },
    ])
      await refused(() => open(encodeVault({ ...vault, ...changed }), code), "VAULT_DAMAGED", { reason: "body" });
    // what a slot is bound to
    for (const changed of [{ chainId: 1 }, { id: new Uint8Array(16) }])
      await refused(() => Keyring.open(encodeVault({ ...vault, ...changed }), code), "VAULT_KEY_WRONG");
  });

  it("holds scrypt's cost to its caps before it runs", async () => {
    const keyring = empty();
    await keyring.setPassphrase(passphrase, { workFactor });
    const vault = decodeVault(keyring.encode());
    for (const factor of [0, 1, 14, 21, 40, 63]) {
      const slots = vault.slots.map((slot) => ({ ...slot, workFactor: factor })) as Vault["slots"];
      await refused(() => open(encodeVault({ ...vault, slots }), withPassphrase), "VAULT_DAMAGED", {
        ...{ reason: "field", field: "slots.0.workFactor" },
      });
      await refused(() => empty().setPassphrase(passphrase, { workFactor: factor }), "INVALID_ARGUMENT");
    }
    await refused(() => empty().setPassphrase(""), "INVALID_ARGUMENT");
    const twice = encodeVault({ ...vault, slots: [vault.slots[0]!, { ...vault.slots[0]!, id: new Uint8Array(8) }] });
    await refused(() => open(twice, withPassphrase), "VAULT_DAMAGED", { reason: "field", field: "slots" });
  });

  it("says nothing of passphrase or keys when it refuses", async () => {
    const { keyring, code } = coded();
    await keyring.setPassphrase(passphrase, { workFactor });
    const wrong = await refused(() => open(keyring.encode(), { ...withPassphrase, passphrase: "my secret guess" }));
    const garbled = (code as { words: string }).words.replace(/ \w+$/, " garbled");
    const unknown = await refused(() => open(keyring.encode(), { kind: "recovery-code", words: garbled }));
    for (const error of [wrong, unknown]) {
      const all = JSON.stringify([error.message, error.details, String(error.cause)]);
      expect(all).not.to.match(/guess|garbled|AGE-SECRET/);
    }
  });

  it("stops when it is cancelled", async () => {
    const keyring = empty();
    await keyring.setPassphrase(passphrase, { workFactor });
    const signal = AbortSignal.abort();
    await refused(() => Keyring.open(keyring.encode(), withPassphrase, { signal }), "CANCELLED");
    const controller = new AbortController();
    setImmediate(() => {
      controller.abort();
    });
    const file = keyring.encode();
    await refused(() => Keyring.open(file, withPassphrase, { signal: controller.signal }), "CANCELLED");
  });

  it("comes back whole from any history of identities, with and without a wallet", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 0xffff_ffff }), { minLength: 1, maxLength: 20 }),
        fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
        async (numbers, key) => {
          const identities = [...numbers].sort((a, b) => a - b).map((version) => ({ version, identity }));
          const keyring = Keyring.create(owner, { identities, wallet: key });
          const { words } = keyring.addRecoveryCode();
          const { keyring: opened } = await open(keyring.encode(), { kind: "recovery-code", words });
          expect(opened.identities).to.deep.equal(identities.reverse());
          expect(opened.wallet).to.deep.equal(key);
        },
      ),
      { numRuns: 500 },
    );
  });
});

async function recipients(count: number): Promise<string[]> {
  const { recipientOf } = await import("../../../../src/crypto/recipients.js");
  return Promise.all(Array.from({ length: count }, async () => recipientOf(await generateIdentity())));
}
