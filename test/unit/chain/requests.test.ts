import { expect } from "chai";

import { announcementsOf } from "../../../src/chain/announcements.js";
import { roleId, wholeChart } from "../../../src/chain/ids.js";
import { answerRequest, findRequest, requestAccess, requestsOf, withdrawRequest } from "../../../src/chain/requests.js";
import { refused } from "../../helpers/clinic.js";
import { day, label, loadFixture, registries } from "../../helpers/chain.js";

const imaging = label("imaging");
const role = "practitioner";

/** A doctor who would like to read. */
async function asking() {
  const context = await registries();
  const { patient, end, now } = context;
  const wish = { patient: patient.address, scope: imaging, role, permissions: ["READ"], end } as const;
  return { ...context, request: { ...wish, purposes: ["TREAT"] } as const, later: now + 60 };
}

describe("requests", () => {
  it("are numbered, told with what was asked, and open until they are answered or withdrawn", async () => {
    const { patient, doctor, nurse, request, later, end } = await loadFixture(asking);
    const me = patient.address;
    expect(await requestsOf(nurse, me)).to.deep.equal([]);
    expect(await requestAccess(doctor, request, later)).to.equal(1);
    const block = await patient.provider.getBlockNumber();
    const wider = { ...request, scope: wholeChart, permissions: ["READ", "WRITE"] } as const;
    for (const id of [2, 3, 4]) expect(await requestAccess(doctor, wider, later)).to.equal(id);
    const [first, ...others] = await requestsOf(nurse, me);
    const { transaction } = first!;
    expect(first).to.deep.include({
      ...{ id: 1, patient: me, requester: doctor.address, scope: imaging, role, permissions: ["READ"] },
      ...{ purposes: ["TREAT"], end, status: "open", block },
    });
    expect((await patient.provider.getTransactionReceipt(transaction))?.from).to.equal(doctor.address);
    expect(others.map(({ id, permissions }) => [id, permissions])).to.deep.equal(
      [2, 3, 4].map((id) => [id, ["READ", "WRITE"]]),
    );
    const hash = await answerRequest(patient, first!, false);
    expect((await patient.provider.getTransactionReceipt(hash))?.status).to.equal(1);
    await answerRequest(patient, others[0]!, true);
    const back = await withdrawRequest(doctor, others[1]!);
    expect((await patient.provider.getTransactionReceipt(back))?.status).to.equal(1);
    expect((await requestsOf(nurse, me)).map(({ id }) => id)).to.deep.equal([4]);
    const statuses = await Promise.all([1, 2, 3, 4].map(async (id) => (await findRequest(nurse, me, id)).status));
    expect(statuses).to.deep.equal(["declined", "approved", "withdrawn", "open"]);
    const announced = await announcementsOf(nurse, me);
    expect(announced.map(({ number, what, id, approved }) => [number, what, id, approved])).to.deep.equal([
      ...[1, 2, 3, 4].map((id) => [id, "requested", id, undefined]),
      [5, "answered", 1, false],
      [6, "answered", 2, true],
      [7, "withdrawn", 3, undefined],
    ]);
  });

  it("are only for who has the credential, and only their patient's to answer", async () => {
    const { patient, doctor, nurse, request, later, until, end, now } = await loadFixture(asking);
    await refused(requestAccess(nurse, request, later), "NO_CREDENTIAL", { actor: nurse.address, role });
    const late = requestAccess(doctor, { ...request, end: until + day }, until);
    await refused(late, "NO_CREDENTIAL", { actor: doctor.address, role });
    await refused(requestAccess(doctor, { ...request, purposes: [] }, now), "INVALID_ARGUMENT");
    await refused(requestAccess(doctor, request, end), "PERIOD_INVALID", { start: end, end });
    await refused(requestAccess(doctor, { ...request, scope: "0x" }, now), "INVALID_ARGUMENT");
    await refused(requestAccess(doctor, { ...request, patient: "me" }, now), "INVALID_ARGUMENT");
    const own = { error: "InvalidPatient", patient: doctor.address };
    await refused(requestAccess(doctor, { ...request, patient: doctor.address }, later), "CONTRACT_REFUSED", own);
    await requestAccess(doctor, request, later);
    const [open] = await requestsOf(nurse, patient.address);
    expect(open!.asked.role).to.equal(roleId(role));
    const stranger = { error: "UnknownRequest", patient: nurse.address, id: 1n };
    await refused(answerRequest(nurse, open!, true), "CONTRACT_REFUSED", stranger);
    const foreign = { error: "NotRequester", requester: doctor.address, caller: nurse.address };
    await refused(withdrawRequest(nurse, open!), "CONTRACT_REFUSED", foreign);
    const altered = { ...open!, asked: { ...open!.asked, purposes: open!.asked.purposes | 1n } };
    await refused(answerRequest(patient, altered, true), "CONTRACT_REFUSED", { error: "UnknownRequest", id: 1n });
    await answerRequest(patient, open!, true);
    const closed = { error: "RequestClosed", patient: patient.address, id: 1n, status: 2n };
    await refused(answerRequest(patient, open!, false), "CONTRACT_REFUSED", closed);
    await refused(findRequest(nurse, patient.address, 2), "INVALID_ARGUMENT", { patient: patient.address, id: 2 });
    await refused(requestsOf(nurse, "me"), "INVALID_ARGUMENT");
  });
});
