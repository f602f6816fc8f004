import { readFile } from "node:fs/promises";

import { type Stanza, webauthn } from "age-encryption";
import { expect } from "chai";
import { combine } from "shamir-secret-sharing";

import { openBytes } from "../../../../src/crypto/age.js";
import { Keyring } from "../../../../src/crypto/keyring/keyring.js";
import type { OpeningMethod } from "../../../../src/crypto/keyring/open.js";
import type { Authenticator } from "../../../../src/crypto/keyring/passkey.js";
import { parseRecoveryCode } from "../../../../src/crypto/keyring/recovery-code.js";
import { requestFingerprint } from "../../../../src/crypto/keyring/recovery-request.js";
import { releaseShare } from "../../../../src/crypto/keyring/shares.js";
import { decodeVault, portableVault, type SlotOf } from "../../../../src/crypto/keyring/vault.js";
import { recipientFromBytes } from "../../../../src/crypto/recipients.js";
import type { ErrorCode } from "../../../../src/errors.js";
import { refused } from "../../../helpers/refusals.js";
import { identityOf } from "../../../vectors/generate.js";
import { type Method, shareVectors, vaultVectors } from "../../../vectors/keyring.js";
import { openAge, recipientOf, sha256 } from "../../../vectors/plain/age.js";
import { combineShares } from "../../../vectors/plain/shamir.js";
import { type Fields, openPlain } from "../../../vectors/plain/vault.js";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.slice(2), "hex"));
const hex = (value: Uint8Array): string => `0x${Buffer.from(value).toString("hex")}`;
const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`../../../vectors/${name}`, import.meta.url), "utf8"));
/** As it comes back from a file. */
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** An authenticator that gives known answers, under age-encryption's own code. */
function answering(first: Uint8Array, second: Uint8Array): Authenticator {
  const get = () => Promise.resolve({ getClientExtensionResults: () => ({ prf: { results: { first, second } } }) });
  const identity = (credential: string) => ({
    unwrapFileKey: async (stanzas: Stanza[]) => {
      const known = Object.getOwnPropertyDescriptor(globalThis, "navigator");
      Object.defineProperty(globalThis, "navigator", { configurable: true, value: { credentials: { get } } });
      try {
        return await new webauthn.WebAuthnIdentity({ identity: credential }).unwrapFileKey(stanzas);
      } finally {
        if (known) Object.defineProperty(globalThis, "navigator", known);
      }
    },
  });
  const unused = (): never => {
    throw new Error("nothing is made");
  };
  return { create: unused, recipient: unused, identity };
}

function methodOf(method: Method): OpeningMethod {
  if (method.kind === "passkey") {
    const [first, second] = method.prf;
    return { kind: "passkey", authenticator: answering(bytes(first), bytes(second)) };
  }
  if (method.kind !== "guardians") return method;
  const identity = identityOf(method.identitySecret);
  return { kind: "guardians", shares: method.shares.map(bytes), identity };
}

/** The generator has docs/format.md alone, with plain primitives; `src/` has to come to the same. */
describe("the keyring's test vectors", function () {
  this.timeout(120_000);
  let vault: ReturnType<typeof vaultVectors>;
  let shares: ReturnType<typeof shareVectors>;

  before(async () => {
    vault = (await read("vault.json")) as typeof vault;
    shares = (await read("shares.json")) as typeof shares;
  });

  it("follow from the document, with plain primitives", () => {
    expect(vault).to.deep.equal(written(vaultVectors()));
    expect(shares).to.deep.equal(written(shareVectors()));
  });

  it("are many", () => {
    const { vaults, refusals, codes } = vault;
    const { groups, combinations, refusals: wrong, fingerprints } = shares;
    const kept = groups.reduce((sum, { guardians }) => sum + guardians.length, 0);
    const ways = vaults.reduce((sum, { opens }) => sum + opens.length, 0);
    const all =
      ways + refusals.length + codes.length + kept + combinations.length + wrong.list.length + fingerprints.length;
    expect(all).to.be.greaterThan(150);
  });

  it("have vaults that open by each of their slots (§17)", async () => {
    for (const { name, file, opens, identities, wallet, chainId, actor, generation, published } of vault.vaults) {
      for (const method of opens) {
        const { keyring } = await Keyring.open(bytes(file), methodOf(method), { owner: { chainId, actor } });
        const known = identities.map(({ version, secret }) => ({ version, identity: identityOf(secret) })).reverse();
        expect(keyring.identities, name).to.deep.equal(known);
        expect(keyring.wallet && hex(keyring.wallet), name).to.equal(wallet ?? undefined);
        expect(keyring.generation, name).to.equal(generation);
        expect(hex(keyring.encode()), name).to.equal(file);
      }
      if (published) expect(hex(sha256(portableVault(bytes(file)))), name).to.equal(published);
      else await refused(() => portableVault(bytes(file)), "RECOVERY_MISSING");
    }
  });

  it("have vaults that are refused, each with its code (§17)", async () => {
    for (const { name, file, open, refusal } of vault.refusals) {
      try {
        await refused(() => Keyring.open(bytes(file), methodOf(open)), refusal.code as ErrorCode, refusal.details);
      } catch (cause) {
        throw new Error(name, { cause });
      }
    }
  });

  it("have recovery codes, read and refused (§17)", async () => {
    for (const each of vault.codes) {
      if ("entropy" in each) expect(hex(parseRecoveryCode(each.text)), each.text).to.equal(each.entropy);
      else await refused(() => parseRecoveryCode(each.text), each.refusal.code as ErrorCode, each.refusal.details);
    }
  });

  it("have shares that guardians open, release and combine (§18)", async () => {
    for (const { vault: file, slot, threshold, guardians, recoverySecret, identity } of shares.groups) {
      const decoded = decodeVault(bytes(file));
      const [kept] = decoded.slots as [SlotOf<"guardians">];
      const recovery = identityOf(recoverySecret);
      const recipient = recipientFromBytes(recipientOf(bytes(recoverySecret)));
      for (const { identitySecret, index, plaintext, released, commitment } of guardians) {
        const share = kept.shares[index - 1]!;
        expect(hex(share.commitment)).to.equal(commitment);
        expect(hex(await openBytes(share.sealed, { identity: identityOf(identitySecret) }, 4096))).to.equal(plaintext);
        // what src releases says the same as what the document would
        const given = await releaseShare(decoded, slot, [identityOf(identitySecret)], recipient);
        expect(hex(openAge(given.bytes, bytes(recoverySecret)))).to.equal(
          hex(openAge(bytes(released), bytes(recoverySecret))),
        );
      }
      const some = guardians.slice(-threshold).map(({ released }) => bytes(released));
      const method: OpeningMethod = { kind: "guardians", shares: some, identity: recovery };
      const { keyring } = await Keyring.open(bytes(file), method);
      expect(keyring.identity).to.equal(identityOf(identity));
    }
  });

  it("have shares that combine to their secret, by the library and by plain arithmetic (§18)", async () => {
    for (const { shares: parts, secret } of shares.combinations) {
      expect(hex(await combine(parts.map(bytes)))).to.equal(secret);
      expect(hex(combineShares(parts.map(bytes)))).to.equal(secret);
    }
    for (const { guardians, threshold, secret } of shares.groups)
      expect(hex(combineShares(guardians.slice(0, threshold).map(({ share }) => bytes(share))))).to.equal(secret);
  });

  it("have shares that are refused, each with its code and which it was (§18)", async () => {
    const { files, list, recoverySecret } = shares.refusals;
    for (const { name, vault: file, shares: given, refusal } of list) {
      const open: Method = {
        kind: "guardians",
        shares: given.map((each) => files[each]!),
        identitySecret: recoverySecret,
      };
      try {
        const work = (): unknown => Keyring.open(bytes(files[file]!), methodOf(open));
        await refused(work, refusal.code as ErrorCode, refusal.details);
      } catch (cause) {
        throw new Error(name, { cause });
      }
    }
  });

  it("have fingerprints of keys (§18)", () => {
    for (const { identitySecret, words } of shares.fingerprints)
      expect(requestFingerprint(recipientFromBytes(recipientOf(bytes(identitySecret))))).to.equal(words);
  });

  it("let the document open what src writes", async () => {
    const [{ slotKeys, opens }] = vault.vaults as [(typeof vault.vaults)[number]];
    expect(slotKeys).to.have.lengthOf(opens.length);
    const owner = { chainId: 1, actor: `0x${"12".repeat(20)}` };
    const [first] = shares.groups[0]!.guardians;
    const secret = bytes(first!.identitySecret);
    const keyring = Keyring.create(owner, { identities: [{ version: 3, identity: identityOf(hex(secret)) }] });
    const { words } = keyring.addRecoveryCode();
    const written = keyring.encode();
    const { keyFor } = await import("../../../vectors/plain/vault.js");
    const { salt } = decodeVault(written).slots[0]!;
    const opened = openPlain(written, keyFor("recovery-code", parseRecoveryCode(words), salt), 0);
    expect(opened).to.deep.equal({ version: 1, identities: [{ version: 3, secret }], wallet: null } satisfies Fields);
  });
});
