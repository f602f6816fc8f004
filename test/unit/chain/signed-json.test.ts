import { expect } from "chai";

import {
  type Action,
  type SignedAction,
  digestOf,
  parseSignedAction,
  sign,
  signerOf,
} from "../../../src/chain/signed/action.js";
import { flagsOf, permissionBitsOf } from "../../../src/chain/signed/basis.js";
import { prepareRevokeMany } from "../../../src/chain/signed/closings.js";
import { prepareGrant } from "../../../src/chain/signed/consents.js";
import { preparePublish } from "../../../src/chain/signed/keys.js";
import { prepareClaimLeaf } from "../../../src/chain/signed/proofs.js";
import { refused } from "../../helpers/clinic.js";
import { digest, label, loadFixture, registries, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const wallet = walletOf("patient");

const parse = (value: unknown): Promise<SignedAction> => Promise.resolve().then(() => parseSignedAction(value));

describe("a signed action as JSON", () => {
  it("is refused where a field is missing, wrong, or one too many", async () => {
    const { patient, doctor, end } = await loadFixture(registries);
    const action = await prepareGrant(patient, {
      ...{ grantee: doctor.address, scope: imaging, permissions: ["WRITE"], end },
    });
    const signed = await sign(wallet, action);
    const changed = (change: object, message?: object): Promise<SignedAction> =>
      parse({ ...signed, ...change, message: { ...signed.message, ...message } });
    expect(await changed({})).to.deep.equal(signed);
    expect(await changed({ chainId: 1 })).to.deep.equal({ ...signed, chainId: 1 });
    for (const message of [undefined, null, "a grant"]) {
      await refused(parse({ ...signed, message }), "INVALID_ARGUMENT", { path: "" });
    }
    const lower = { contract: signed.contract.toLowerCase() };
    expect(await changed(lower, { grantee: doctor.address.toLowerCase() })).to.deep.equal(signed);
    for (const value of [undefined, null, 5, "grant", {}]) await refused(parse(value), "INVALID_ARGUMENT");
    for (const change of [
      ...[{ type: "Gift" }, { chainId: 0 }, { chainId: 1.5 }, { chainId: "31337" }, { contract: "0x12" }],
      ...[{ contract: undefined }, { signature: "0x1" }, { signature: "0xzz" }, { signature: undefined }],
    ]) {
      await refused(changed(change), "INVALID_ARGUMENT");
    }
    const wrong: Record<string, unknown[]> = {
      grantee: ["0x12", 5, null, undefined],
      scope: ["0x12", `${imaging}00`, 5, undefined],
      read: [0, 1, "true", undefined],
      purposes: ["-1", "01", "", "1.5", 5, (2n ** 64n).toString(), imaging, undefined],
      end: [-1, 2 ** 40, 1.5, "5", true, undefined],
      lifts: [2 ** 32, -1, true],
      stand: [(2n ** 56n).toString(), 5],
      number: [2 ** 16, -1],
      memo: ["hello"],
    };
    for (const [path, values] of Object.entries(wrong)) {
      for (const value of values) {
        const details = path === "grantee" && typeof value === "string" ? {} : { path };
        await refused(changed({}, { [path]: value }), "INVALID_ARGUMENT", details);
      }
    }
    const widest = {
      purposes: (2n ** 64n - 1n).toString(),
      end: 2 ** 40 - 1,
      lifts: 2 ** 32 - 1,
      stand: (2n ** 56n - 1n).toString(),
      number: 2 ** 16 - 1,
      scope: imaging.toUpperCase().replace("0X", "0x"),
    };
    expect((await changed({}, widest)).message).to.deep.include({ ...widest, scope: imaging });
    const many = await sign(wallet, await prepareRevokeMany(patient, [{ grantee: doctor.address, scope: imaging }]));
    const list = (grants: unknown, more = {}) => parse({ ...many, message: { ...many.message, grants, ...more } });
    await refused(list("all"), "INVALID_ARGUMENT", { path: "grants" });
    await refused(list([5]), "INVALID_ARGUMENT", { path: "grants.0" });
    const [one] = many.message.grants;
    await refused(list([one, { ...one, scope: "0x" }]), "INVALID_ARGUMENT", { path: "grants.1.scope" });
    await refused(list([{ ...one, memo: 1 }]), "INVALID_ARGUMENT", { path: "grants.0.memo" });
    for (const id of [7, (2n ** 256n).toString()])
      await refused(list([one], { id }), "INVALID_ARGUMENT", { path: "id" });
    expect(digestOf(many)).to.have.length(66);
  });

  it("holds bytes, and what goes along unsigned", async () => {
    const { patient } = await loadFixture(registries);
    const key = await sign(wallet, await preparePublish(patient, new Uint8Array([0xab, 1])));
    expect(await parse(key)).to.deep.equal(key);
    expect(key.message.recipient).to.equal("0xab01");
    for (const recipient of ["0xab0", "ab01", 5]) {
      await refused(parse({ ...key, message: { ...key.message, recipient } }), "INVALID_ARGUMENT", {
        path: "recipient",
      });
    }
    const name = { patient: patient.address, compartment: imaging, content: digest("a body") };
    const leaf = { ...name, root: digest("a root"), proof: [digest("beside")] };
    const claim = await sign(wallet, await prepareClaimLeaf(patient, leaf, digest("a manifest")));
    expect(claim.attached).to.deep.equal({ proof: leaf.proof });
    expect(await parse(claim)).to.deep.equal(claim);
    for (const [attached, path] of [
      [undefined, "attached"],
      [{}, "attached.proof"],
      [{ proof: ["0x"] }, "attached.proof.0"],
      [{ proof: [], more: 1 }, "attached.more"],
    ] as const) {
      await refused(parse({ ...claim, attached }), "INVALID_ARGUMENT", { path });
    }
    // nothing goes along with the others
    expect(await parse({ ...key, attached: { proof: [] } })).to.deep.equal(key);
  });

  it("tells who has to sign", () => {
    const of = (type: string, message: object): string => signerOf({ type, message } as Action);
    const message = { patient: "p", delegate: "d", requester: "r" };
    expect(["Grant", "Delegate", "Undelegate", "Answer"].map((type) => of(type, message))).to.deep.equal([
      ...["p", "p", "p", "p"],
    ]);
    expect(["GrantFor", "RevokeFor", "DenyFor"].map((type) => of(type, message))).to.deep.equal(["d", "d", "d"]);
    expect(["Request", "Withdraw"].map((type) => of(type, message))).to.deep.equal(["r", "r"]);
    expect(of("Anchor", { patient: "p", author: "a" })).to.equal("a");
    expect(of("ErasureReceipt", { operator: "o", patient: "p" })).to.equal("o");
    expect(of("SetMembers", { manager: "m", members: ["a"] })).to.equal("m");
  });

  it("shows permissions one by one", () => {
    const shown = { read: 1, write: 2, deny: 4, group: 16, manage: 64 };
    for (let chosen = 0; chosen < 32; chosen++) {
      const flags = Object.entries(shown).filter((_, index) => (chosen & (1 << index)) !== 0);
      const bits = flags.reduce((sum, [, bit]) => sum + bit, 0);
      expect(permissionBitsOf(Object.fromEntries(flags.map(([name]) => [name, true])))).to.equal(bits);
    }
    expect(flagsOf(["WRITE", "MANAGE"])).to.deep.equal({ read: false, write: true, deny: false, manage: true });
  });
});
