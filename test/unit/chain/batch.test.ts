import { expect } from "chai";

import { grantOf } from "../../../src/chain/consent.js";
import { findRecords } from "../../../src/chain/records.js";
import { type SignedAction, sign, withSignature } from "../../../src/chain/signed/action.js";
import { signatureList, submitAnchors, submitGrants } from "../../../src/chain/signed/batch.js";
import { prepareGrant } from "../../../src/chain/signed/consents.js";
import { beginSession } from "../../../src/chain/signed/session.js";
import { prepareAnchor } from "../../../src/chain/signed/records.js";
import { refused } from "../../helpers/clinic.js";
import { digest, give, label, loadFixture, registries, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const manifest = digest("a manifest");

describe("signatures of a batch", () => {
  it("stand one after the other, each behind its length", async () => {
    const signatures = ["0x", "0x1122", `0x${"33".repeat(300)}`].map((signature) => ({ signature }));
    expect(signatureList(signatures)).to.equal(`0x000000021122012c${"33".repeat(300)}`);
    expect(signatureList([])).to.equal("0x");
    const longest = `0x${"44".repeat(0xffff)}`;
    expect(signatureList([{ signature: longest }]).slice(0, 8)).to.equal("0xffff44");
    await refused(
      Promise.resolve().then(() => signatureList([{ signature: "0x" }, { signature: `${longest}44` }])),
      "INVALID_ARGUMENT",
      { index: 1 },
    );
  });
});

/** Grants of three patients without ether to a doctor, signed. */
async function signing() {
  const context = await registries();
  const { outsider, doctor, end } = context;
  const signed: SignedAction<"Grant">[] = [];
  for (const name of ["first", "second", "third"]) {
    const patient = walletOf(name);
    const wish = { patient: patient.address, grantee: doctor.address, scope: imaging, end } as const;
    signed.push(await sign(patient, await prepareGrant(outsider, { ...wish, permissions: ["WRITE"] })));
  }
  return { ...context, signed };
}

/** What an opening signature names, as an error tells it. */
const namedIn = ({ message: { stand, session, number } }: SignedAction<"Grant">) => ({
  ...{ stand: BigInt(stand), session: BigInt(session), number: BigInt(number) },
});

const told = (outcomes: Awaited<ReturnType<typeof submitGrants>>) =>
  outcomes.map(({ index, done, error }) => [index, done, error?.details]);

describe("a batch of signed grants", () => {
  it("grants what is good, says why it leaves out the rest, and can be repeated", async () => {
    const { outsider, doctor, signed } = await loadFixture(signing);
    const [first, second, third] = signed as [SignedAction<"Grant">, SignedAction<"Grant">, SignedAction<"Grant">];
    const forged = { ...second, signature: first.signature };
    const signer = second.message.patient;
    const outcomes = await submitGrants(outsider, [first, forged, third]);
    expect(told(outcomes)).to.deep.equal([
      [0, true, undefined],
      [1, false, { error: "InvalidSignature", signer }],
      [2, true, undefined],
    ]);
    expect(new Set(outcomes.map(({ transaction }) => transaction)).size).to.equal(1);
    const receipt = await outsider.provider.getTransactionReceipt(outcomes[0]!.transaction!);
    expect(receipt?.from).to.equal(outsider.address);
    const indexes = await Promise.all(
      signed.map(async ({ message }) => (await grantOf(outsider, message.patient, doctor.address, imaging)).index),
    );
    expect(indexes).to.deep.equal([1, 0, 1]);
    const again = await submitGrants(outsider, signed, 2);
    expect(told(again)).to.deep.equal([0, 1, 2].map((index) => [index, true, undefined]));
    expect(new Set(again.map(({ transaction }) => transaction)).size).to.equal(2);
    expect(await submitGrants(outsider, [])).to.deep.equal([]);
  });

  it("carries several of one patient's in their order, and says which are void", async () => {
    const { outsider, doctor, nurse, carer, end } = await loadFixture(signing);
    const patient = walletOf("fourth");
    const wish = { patient: patient.address, scope: imaging, permissions: ["WRITE"], end } as const;
    const session = await beginSession(outsider, patient.address);
    const signed: SignedAction<"Grant">[] = [];
    for (const { address: grantee } of [doctor, nurse, carer]) {
      signed.push(await sign(patient, await prepareGrant(outsider, { ...wish, grantee, session })));
    }
    const [first, second, third] = signed as [SignedAction<"Grant">, SignedAction<"Grant">, SignedAction<"Grant">];
    const stale = { error: "StaleOpening", signer: patient.address, ...namedIn(second) };
    const outcomes = await submitGrants(outsider, [first, third, second]);
    expect(told(outcomes)).to.deep.equal([
      [0, true, undefined],
      [1, true, undefined],
      [2, false, stale],
    ]);
    expect(outcomes[2]?.error?.message).to.include("sign it anew");
    expect(told(await submitGrants(outsider, [first, second, third]))).to.deep.equal([
      [0, true, undefined],
      [1, false, stale],
      [2, true, undefined],
    ]);
  });

  it("has gas enough to ask contract accounts for their word, and no more without any", async () => {
    const { outsider, signed } = await loadFixture(signing);
    const [first, second] = signed as [SignedAction<"Grant">, SignedAction<"Grant">];
    const gasOf = async (items: SignedAction<"Grant">[], isGood: boolean): Promise<bigint> => {
      const outcomes = await submitGrants(outsider, items);
      for (const { done, error } of outcomes) {
        expect([done, error?.details.error]).to.deep.equal(isGood ? [true, undefined] : [false, "InvalidSignature"]);
      }
      return (await outsider.provider.getTransaction(outcomes[0]!.transaction!))!.gasLimit;
    };
    const contracts = await gasOf([{ ...first, signature: "0x" }, withSignature(second, "0x1234")], false);
    expect(contracts).to.be.within(411_349n, 500_000n);
    expect(await gasOf([first, second], true)).to.be.lessThan(200_000n);
  });

  it("is refused as a whole for another chain, a value that is none, and a size that is none", async () => {
    const { outsider, signed } = await loadFixture(signing);
    const [first] = signed as [SignedAction<"Grant">];
    await refused(submitGrants(outsider, [first, { ...first, chainId: 1 }]), "CHAIN_MISMATCH", { chainId: 1 });
    const wrong = { ...first, message: { ...first.message, end: -1 } };
    await refused(submitGrants(outsider, [wrong]), "INVALID_ARGUMENT", { path: "end" });
    await refused(submitGrants(outsider, [first], 0), "INVALID_ARGUMENT", { size: 0 });
  });

  it("breaks off where the chain does not answer", async () => {
    const { as, signed } = await loadFixture(signing);
    const cut = await as("outsider", (method, pass) =>
      method === "eth_sendRawTransaction" ? Promise.reject(new Error("cable pulled")) : pass(),
    );
    await refused(submitGrants(cut, signed), "CHAIN_UNREACHABLE");
  });
});

describe("a batch of signed records", () => {
  it("is anchored by author, patient and compartment, and says what was left out", async () => {
    const { patient, doctor, nurse, outsider, end } = await loadFixture(registries);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const record = async (author: "doctor" | "nurse" | "patient", number: number, compartment = imaging) => {
      const wallet = walletOf(author);
      const name = { author: wallet.address, patient: patient.address, compartment };
      return sign(wallet, await prepareAnchor(outsider, { ...name, content: digest(`${number}`), manifest }));
    };
    const other = label("other");
    const signed = [
      await record("doctor", 0),
      await record("nurse", 1),
      await record("doctor", 2),
      await record("patient", 3, other),
      await record("doctor", 4),
    ];
    signed[2] = { ...signed[2]!, signature: signed[0]!.signature };
    const outcomes = await submitAnchors(outsider, signed, 2);
    const nobody = { error: "NotWriter", patient: patient.address, compartment: imaging, actor: nurse.address };
    expect(told(outcomes)).to.deep.equal([
      [0, true, undefined],
      [1, false, nobody],
      [2, false, { error: "InvalidSignature", signer: doctor.address }],
      [3, true, undefined],
      [4, true, undefined],
    ]);
    const transactions = outcomes.map(({ transaction }) => transaction);
    expect(transactions[1]).to.equal(undefined);
    expect(transactions[0]).to.equal(transactions[2]);
    expect(new Set(transactions).size).to.equal(4);
    const records = await findRecords(outsider, patient.address);
    expect(records.map(({ author, compartment }) => [author, compartment])).to.have.deep.members([
      [doctor.address, imaging],
      [doctor.address, imaging],
      [patient.address, other],
    ]);
    // again: what its author anchored is done
    expect(told(await submitAnchors(outsider, [signed[0]!, signed[4]!]))).to.deep.equal([
      [0, true, undefined],
      [1, true, undefined],
    ]);
    expect(await submitAnchors(outsider, [])).to.deep.equal([]);
    await refused(submitAnchors(outsider, [{ ...signed[0]!, chainId: 1 }]), "CHAIN_MISMATCH");
    const wrong = { ...signed[0]!, message: { ...signed[0]!.message, deadline: -1 } };
    await refused(submitAnchors(outsider, [wrong]), "INVALID_ARGUMENT", { path: "deadline" });
  });
});
