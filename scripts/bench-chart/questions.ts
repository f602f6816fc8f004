import { bytesSource, randomLabel } from "../../src/index.js";
import type { Group } from "../bench-crypto/group.js";
import { Clinic, noteOf } from "./clinic.js";

const day = 24 * 60 * 60;

/** Questions to the node that one act takes on a new device, with one plain node and proofs; connecting is not among them. */
export const questions: Group = {
  targets: {
    openOwnCalls: { atMost: 8 },
    openOthersCalls: { atMost: 12 },
    grantCalls: { atMost: 12 },
    shareCalls: { atMost: 12 },
  },
  run: count,
};

async function count(note: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  const clinic = await Clinic.open();
  try {
    const [patient, doctor, colleague] = [
      await clinic.person(),
      await clinic.practitioner(),
      await clinic.practitioner(),
    ];
    const compartment = randomLabel();
    await clinic.grant(patient, doctor, compartment);
    const share = (text: string) =>
      clinic.asked(doctor, (carekey) => {
        const { name, bytes } = noteOf(text);
        const place = { patient: patient.wallet.address, compartment, role: "practitioner" } as const;
        return carekey.share([bytesSource(name, bytes)], place);
      });
    const shared = await share("first");
    const { recordId } = shared.result;
    const own = await clinic.asked(patient, (carekey) => carekey.open(recordId));
    const end = Math.floor(Date.now() / 1000) + 30 * day;
    const granted = await clinic.asked(patient, (carekey) =>
      carekey.grant({
        ...{ grantee: colleague.wallet.address, scope: compartment },
        ...{ permissions: ["READ"], purposes: ["TREAT"], end },
      }),
    );
    const others = await clinic.asked(colleague, (carekey) => carekey.open(recordId, { purpose: "TREAT" }));
    for (const [name, { asked }] of Object.entries({ own, others, granted, shared }))
      note(`${name}: ${asked.join(", ")}`);
    return {
      openOwnCalls: own.asked.length,
      openOthersCalls: others.asked.length,
      grantCalls: granted.asked.length,
      shareCalls: shared.asked.length,
    };
  } finally {
    await clinic.close();
  }
}
