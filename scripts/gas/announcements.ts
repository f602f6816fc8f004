// SPDX-License-Identifier: Apache-2.0
/** Measures requests, answers and deliveries. */
import { encodeBytes32String } from "ethers";

import { END, READ, type Stage, free, label, word } from "./stage.js";

const compartment = label("compartment");
const purposes = 1n << 9n;
const lane = BigInt(word("device")) & ~0xffn;

export async function measureAnnouncements(stage: Stage): Promise<void> {
  const { announcements, credentials, send } = stage;
  const [patient, researcher] = [stage.actor("asked"), stage.actor("asking researcher")];
  const by = (relayer: string) => announcements.connect(stage.actor(`relayer of ${relayer}`));
  const role = encodeBytes32String("researcher");
  await send(credentials.connect(stage.actor("issuer")).issue(researcher, role, END, free));
  const wish = { patient: patient.address, scope: compartment, role, permissions: READ, purposes, end: END };
  const asked = { ...wish, requester: researcher.address };
  await send(announcements.connect(researcher).request(wish, 0, free), "request");
  await send(announcements.connect(researcher).request(wish, 0, free), "requestAgain");
  await send(announcements.connect(patient).answer(1, asked, false, free), "answer");
  const answer = await stage.signAnnouncement(patient, "Answer", {
    ...{ patient: patient.address, requester: researcher.address, scope: compartment, role, read: true, write: false },
    ...{ purposes, end: END, request: 2n, approved: false, id: lane },
  });
  const answering = { id: lane, deadline: answer.deadline };
  await send(by("an answer").answerBySig(2, asked, false, answering, answer.signature, free), "answerBySig");

  const grantees = Array.from({ length: 14 }, (_, i) => stage.actor(`reader ${i}`).address);
  const common = { patient: patient.address, compartment, content: word("content"), capsule: word("capsule") };
  const [one, all] = [
    { ...common, grantees: grantees.slice(0, 1) },
    { ...common, grantees },
  ];
  await send(announcements.connect(patient).deliver(one, free), "deliver1");
  await send(announcements.connect(patient).deliver(all, free), "deliver14");
  const id = lane + 1n;
  const delivery = await stage.signAnnouncement(patient, "Deliver", { by: patient.address, ...one, id });
  const delivering = { id, deadline: delivery.deadline };
  await send(by("a delivery").deliverBySig(patient, one, delivering, delivery.signature, free), "deliverBySig1");
}
