import { expect } from "chai";

import { chainTime } from "../../../src/chain/connection.js";
import { issueCredential } from "../../../src/chain/credentials.js";
import { roleId } from "../../../src/chain/ids.js";
import { anchor } from "../../../src/chain/records.js";
import { stampDigestOf, verifyStamp, witness } from "../../../src/chain/stamps.js";
import { noStamp, signStamp, stampDomain } from "../../../src/crypto/stamp.js";
import { day, digest, give, label, loadFixture, registries, time, walletOf } from "../../helpers/chain.js";

const imaging = label("imaging");
const role = roleId("practitioner");

describe("the credential behind a stamp", () => {
  it("is the one of many that covers its time and the anchor's", async () => {
    const { patient, nurse, doctor, issuer, now, until, end } = await loadFixture(registries);
    await give(patient, nurse, imaging, { permissions: ["WRITE"], end });
    await issueCredential(issuer, nurse.address, "practitioner", now + day);
    await time.increaseTo(now + day);
    await issueCredential(issuer, nurse.address, "practitioner", until);
    const name = { patient: patient.address, compartment: imaging, content: digest("an ECG") };
    await anchor(nurse, name, digest("a manifest"));
    const issuedAt = await chainTime(nurse);
    const stamp = { ...name, role, statement: "authored", previous: noStamp, issuedAt };
    const domain = stampDomain(nurse.chainId, nurse.addresses.RecordRegistry);
    const { signature } = await signStamp(walletOf("nurse"), domain, stamp);
    const by = { signer: nurse.address, signature: `0x${Buffer.from(signature).toString("hex")}` };
    expect(await verifyStamp(doctor, stamp, by)).to.equal(true);
    await issueCredential(issuer, nurse.address, "practitioner", until);
    expect(await verifyStamp(doctor, stamp, by)).to.equal(true);
  });

  it("is for another's stamp the one that holds when it was witnessed", async () => {
    const { patient, nurse, doctor, issuer, until, end } = await loadFixture(registries);
    await give(patient, doctor, imaging, { permissions: ["WRITE"], end });
    const name = { patient: patient.address, compartment: imaging, content: digest("an ECG") };
    await anchor(doctor, name, digest("a manifest"));
    await issueCredential(issuer, nurse.address, "practitioner", until);
    const issuedAt = await chainTime(nurse);
    const stamp = { ...name, role, statement: "second reading", previous: noStamp, issuedAt };
    expect(await verifyStamp(doctor, stamp, { signer: nurse.address })).to.equal(false);
    await witness(nurse, await stampDigestOf(nurse, stamp));
    expect(await verifyStamp(doctor, stamp, { signer: nurse.address })).to.equal(true);
  });
});
