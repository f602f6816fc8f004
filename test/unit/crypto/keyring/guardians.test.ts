import * as dagCbor from "@ipld/dag-cbor";
import { expect } from "chai";
import fc from "fast-check";
import { combine } from "shamir-secret-sharing";

import { openBytes, sealBytes } from "../../../../src/crypto/age.js";
import { Keyring } from "../../../../src/crypto/keyring/keyring.js";
import { encodeRequest, requestFingerprint, parseRequest } from "../../../../src/crypto/keyring/recovery-request.js";
import { releaseShare } from "../../../../src/crypto/keyring/shares.js";
import { decodeVault, encodeVault, type SlotOf, type Vault } from "../../../../src/crypto/keyring/vault.js";
import { generateIdentity, recipientFromBytes, recipientOf } from "../../../../src/crypto/recipients.js";
import { refused } from "../../../helpers/refusals.js";

const owner = { chainId: 31337, actor: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8" };

/** A vault that guardians open, and a blank machine with its recovery key. */
interface Scene {
  readonly keyring: Keyring;
  readonly vault: Vault;
  readonly slot: string;
  readonly guardians: readonly string[];
  readonly identity: string;
  readonly recipient: string;
}

describe("guardians", function () {
  this.timeout(120_000);
  let people: string[];

  before(async () => {
    people = await Promise.all(Array.from({ length: 16 }, generateIdentity));
  });

  async function scene(count = 3, threshold = 2): Promise<Scene> {
    const keyring = Keyring.create(owner, { identities: [{ version: 1, identity: await generateIdentity() }] });
    const guardians = people.slice(0, count);
    const { id } = await keyring.addGuardians(await Promise.all(guardians.map(recipientOf)), threshold);
    const identity = await generateIdentity();
    const vault = decodeVault(keyring.encode());
    return { keyring, vault, slot: id, guardians, identity, recipient: await recipientOf(identity) };
  }

  async function released(
    { vault, slot, guardians, recipient }: Scene,
    count = guardians.length,
  ): Promise<Uint8Array[]> {
    const some = guardians.slice(0, count);
    const shares = await Promise.all(some.map((each) => releaseShare(vault, slot, [each], recipient)));
    return shares.map(({ bytes }) => bytes);
  }

  const recover = (scene: Scene, shares: readonly Uint8Array[], identity = scene.identity) =>
    Keyring.open(encodeVault(scene.vault), { kind: "guardians", shares, identity }, { owner });

  /** A released share with something else inside. */
  async function altered(scene: Scene, bytes: Uint8Array, change: object): Promise<Uint8Array> {
    const share = dagCbor.decode<object>(await openBytes(bytes, { identity: scene.identity }, 4096));
    return (await sealBytes(dagCbor.encode({ ...share, ...change }), [scene.recipient])).bytes;
  }

  it("open the vault when enough of them release their shares, whoever they are and in any order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 2, max: 8 })
          .chain((count) =>
            fc.tuple(fc.constant(count), fc.integer({ min: 2, max: count }), fc.infiniteStream(fc.nat())),
          ),
        async ([count, threshold, choices]) => {
          const place = await scene(count, threshold);
          const shares = await released(place);
          const order = shares.map((share) => [choices.next().value, share] as const).sort(([a], [b]) => a! - b!);
          const some = order.slice(0, threshold).map(([, share]) => share);
          const opened = await recover(place, some);
          expect(opened.keyring.identities).to.deep.equal(place.keyring.identities);
          expect(opened).to.include({ slot: place.slot });
          await refused(() => recover(place, some.slice(1)), "SHARES_MISSING", { shares: threshold - 1, threshold });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("are 2 to 16 different people, and no fewer than two are enough", async () => {
    const keyring = (await scene(16, 16)).keyring;
    const keys = await Promise.all(people.map(recipientOf));
    await refused(() => keyring.addGuardians(keys.slice(0, 1), 1), "INVALID_ARGUMENT", { count: 1 });
    await refused(() => keyring.addGuardians([...keys, keys[0]!], 2), "INVALID_ARGUMENT", { count: 17 });
    await refused(() => keyring.addGuardians([keys[0]!, keys[0]!], 2), "INVALID_ARGUMENT", { count: 2 });
    for (const threshold of [0, 1, 4, 2.5, NaN])
      await refused(() => keyring.addGuardians(keys.slice(0, 3), threshold), "INVALID_ARGUMENT");
    await refused(() => keyring.addGuardians([keys[0]!, "age1classical"], 2), "RECIPIENT_INVALID");
    expect(keyring.slots).to.have.lengthOf(1);
  });

  it("count once each, however often they release", async () => {
    const place = await scene();
    const [first] = await released(place, 1);
    const [again] = await released(place, 1);
    await refused(() => recover(place, [first!, again!, first!]), "SHARES_MISSING", { shares: 1, threshold: 2 });
    await refused(() => recover(place, []), "SHARES_MISSING", { shares: 0, threshold: 2 });
  });

  it("can lie: the false share is named, and does no harm where enough are true", async () => {
    const place = await scene(3, 2);
    const [first, second, third] = await released(place);
    const garbage = { share: new Uint8Array(33).fill(9) };
    const lie = await altered(place, second!, garbage);
    await refused(() => recover(place, [first!, lie]), "SHARE_INVALID", { share: 2, reason: "commitment" });
    const opened = await recover(place, [lie, first!, third!]);
    expect(opened.refused).to.deep.equal([{ share: 1, reason: "commitment" }]);
    expect(opened.keyring.identity).to.equal(place.keyring.identity);
  });

  it("release nothing that opens another vault, slot, actor, chain or recovery key", async () => {
    const place = await scene();
    const [first, second] = await released(place);
    const changes = {
      chainId: { chainId: 1 },
      actor: { actor: new Uint8Array(20) },
      vault: { vault: new Uint8Array(16) },
      slot: { slot: new Uint8Array(8) },
      recipient: { recipient: new Uint8Array(32) },
    };
    for (const change of Object.values(changes)) {
      const share = await altered(place, second!, change);
      await refused(() => recover(place, [first!, share]), "SHARE_INVALID", { share: 2, reason: "context" });
    }
    for (const index of [1, 3, 16]) {
      const share = await altered(place, second!, { index });
      await refused(() => recover(place, [first!, share]), "SHARE_INVALID", { share: 2, reason: "commitment" });
    }
    for (const change of [{ version: 2 }, { index: 0 }, { index: 17 }, { share: new Uint8Array(32) }, { more: 1 }]) {
      const share = await altered(place, second!, change);
      await refused(() => recover(place, [first!, share]), "SHARE_INVALID", { share: 2, reason: "format" });
    }
    const other = await scene();
    const foreign = { ...other, identity: place.identity, recipient: place.recipient };
    const [theirs] = await released(foreign, 1);
    await refused(() => recover(place, [theirs!, first!]), "SHARE_INVALID", { share: 1, reason: "context" });
    // released to somebody else
    await refused(() => recover(place, [first!, second!], other.identity), "SHARE_INVALID", {
      share: 1,
      reason: "sealed",
    });
    await refused(() => recover(place, [first!, second!.subarray(1)]), "SHARE_INVALID", { share: 2, reason: "sealed" });
    await refused(() => recover(place, [first!, second!], "AGE-SECRET-KEY-1"), "IDENTITY_INVALID");
  });

  it("can't hand on the share that they keep in place of a released one", async () => {
    const place = await scene();
    const { shares } = place.vault.slots[0] as SlotOf<"guardians">;
    const kept = shares.map(({ sealed }) => sealed);
    await refused(() => recover(place, kept), "SHARE_INVALID", { share: 1, reason: "sealed" });
    // sealed on as it is, it still names the guardian's own key
    const plain = await openBytes(kept[0]!, { identity: place.guardians[0]! }, 4096);
    const { bytes: forwarded } = await sealBytes(plain, [place.recipient]);
    await refused(() => recover(place, [forwarded]), "SHARE_INVALID", { share: 1, reason: "context" });
  });

  it("release by an old identity too, and nothing when the share is not theirs", async () => {
    const place = await scene();
    const newer = await generateIdentity();
    const { vault, slot, guardians, recipient } = place;
    const share = await releaseShare(vault, slot, [newer, guardians[2]!], recipient);
    expect(share.index).to.equal(3);
    await refused(() => releaseShare(vault, slot, [newer], recipient), "NOT_A_RECIPIENT", { slot });
    await refused(() => releaseShare(vault, "0x0000000000000000", guardians, recipient), "SLOT_UNKNOWN");
    await refused(() => releaseShare(vault, slot, guardians, "age1classical"), "RECIPIENT_INVALID");
    // of the right length, and no key
    const unusable = recipientFromBytes(new Uint8Array(1216).fill(255));
    await refused(() => releaseShare(vault, slot, guardians, unusable), "RECIPIENT_INVALID", { reason: "unusable" });
    await refused(() => releaseShare(vault, slot, ["AGE-SECRET-KEY-1"], recipient), "IDENTITY_INVALID");
  });

  it("refuse to release a share that the slot does not commit to, and pass over others' damage", async () => {
    const { vault, slot, guardians, recipient } = await scene();
    const [only] = vault.slots as [SlotOf<"guardians">];
    const changed = (change: (shares: SlotOf<"guardians">["shares"]) => SlotOf<"guardians">["shares"]): Vault => ({
      ...vault,
      slots: [{ ...only, shares: change(only.shares) }],
    });
    const false1 = changed(([first, ...more]) => [{ ...first!, commitment: new Uint8Array(32) }, ...more]);
    await refused(() => releaseShare(false1, slot, [guardians[0]!], recipient), "SHARE_INVALID", {
      ...{ share: 1, reason: "commitment" },
    });
    const moved = changed(([first, second, third]) => [second!, first!, third!]);
    await refused(() => releaseShare(moved, slot, [guardians[0]!], recipient), "SHARE_INVALID", { share: 2 });
    const damaged = changed(([first, ...more]) => [{ ...first!, sealed: first!.sealed.subarray(40) }, ...more]);
    expect(await releaseShare(damaged, slot, [guardians[1]!], recipient)).to.include({ index: 2 });
    await refused(() => releaseShare(damaged, slot, [guardians[0]!], recipient), "SHARE_INVALID", {
      ...{ share: 1, reason: "sealed" },
    });
  });

  it("notice a slot whose shares are true and whose wrapped key was altered", async () => {
    const place = await scene();
    const shares = await released(place);
    const [only] = place.vault.slots as [SlotOf<"guardians">];
    const vault = { ...place.vault, slots: [{ ...only, wrapped: new Uint8Array(48) }] };
    await refused(() => recover({ ...place, vault }, shares), "VAULT_DAMAGED", { reason: "slot" });
    const weaker = { ...place.vault, slots: [{ ...only, threshold: 3 }] };
    await refused(() => recover({ ...place, vault: weaker }, shares), "VAULT_DAMAGED", { reason: "slot" });
  });

  it("tell fewer than the threshold nothing: every secret is as possible as every other", async () => {
    const place = await scene(3, 3);
    const opened = await Promise.all(
      (await released(place)).map((each) => openBytes(each, { identity: place.identity }, 4096)),
    );
    const [first, second, third] = opened.map((plain) => dagCbor.decode<{ share: Uint8Array }>(plain).share);
    const possible = new Set<number>();
    for (let value = 0; value < 256; value++) {
      const guess = third!.slice();
      guess[0] = value;
      possible.add((await combine([first!, second!, guess]))[0]!);
    }
    expect(possible).to.have.lengthOf(256);
  });

  describe("are asked by a request", () => {
    it("that says whose vault it is, and is read back as it was", async () => {
      const { vault, slot, recipient } = await scene();
      const request = { ...owner, vault: `0x${Buffer.from(vault.id).toString("hex")}`, slot, recipient };
      expect(parseRequest(encodeRequest(request))).to.deep.equal(request);
      expect(encodeRequest(request)).not.to.match(/SECRET/);
      for (const field of ["type", "version", "chainId", "actor", "vault", "slot", "recipient"] as const) {
        const broken = { ...(JSON.parse(encodeRequest(request)) as object), [field]: null };
        await refused(() => parseRequest(JSON.stringify(broken)), "INVALID_ARGUMENT", { field });
      }
      await refused(() => parseRequest("{"), "INVALID_ARGUMENT");
      await refused(() => parseRequest(" ".repeat(9000) + encodeRequest(request)), "INVALID_ARGUMENT");
      await refused(() => parseRequest(encodeRequest({ ...request, recipient: "age1x" })), "RECIPIENT_INVALID");
    });

    it("whose key has a fingerprint of eight words, another for every key", async () => {
      const [one, other] = [await scene(), await scene()];
      expect(requestFingerprint(one.recipient).split(" ")).to.have.lengthOf(8);
      expect(requestFingerprint(one.recipient)).to.equal(requestFingerprint(one.recipient));
      expect(requestFingerprint(one.recipient)).not.to.equal(requestFingerprint(other.recipient));
    });
  });
});
