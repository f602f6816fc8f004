import { randomBytes } from "node:crypto";

import { bytesSource, randomLabel } from "../../src/index.js";
import { type Group, median, rounded } from "../bench-crypto/group.js";
import { Clinic } from "./clinic.js";

const records = 1000;
const runs = 5;

/** A chart of 1,000 records, each in a block of its own, on a new device: complete by proof, by one plain node, in milliseconds. */
export const cold: Group = {
  targets: { cold1000Ms: { atMost: 3000 } },
  run: measure,
};

async function measure(note: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  const clinic = await Clinic.open();
  try {
    const patient = await clinic.person();
    const compartment = randomLabel();
    await clinic.with(patient, async (carekey) => {
      const place = { patient: carekey.address, compartment };
      for (let index = 0; index < records; index++)
        await carekey.share([bytesSource(`day-${index}.txt`, randomBytes(200))], place);
    });
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const { result, ms } = await clinic.with(patient, (carekey) => carekey.chart());
      if (result.length !== records) throw new Error(`${result.length} records were listed, not ${records}`);
      times.push(ms);
      note(`cold: ${Math.round(ms)} ms`);
    }
    return { cold1000Ms: rounded(median(times)) };
  } finally {
    await clinic.close();
  }
}
