import { bytesSource, randomLabel } from "../../src/index.js";
import { type Group, rounded } from "../bench-crypto/group.js";
import { Clinic, type Person, noteOf } from "./clinic.js";

const day = 24 * 60 * 60;
const blocks = 2000;
const strangers = 40;
const runs = 61;
/** Milliseconds for each act, at least: of short ones there are more runs, as chance is a larger part of them. */
const least = 4000;

/** How much longer each act takes where the chain has ten times the blocks, and ten times the events of others: the fastest of many runs of each, and the worst act of all. */
export const growth: Group = {
  targets: { tenTimesBlocks: { atMost: 1.1 } },
  run: compare,
};

/** A patient with a short chart and its people, among blocks and events of others. */
interface Town {
  readonly clinic: Clinic;
  readonly patient: Person;
  readonly doctor: Person;
  readonly recordId: string;
  readonly compartment: string;
  /** Where the doctor's inbox was read up to. */
  readonly since: number;
}

async function build(times: number): Promise<Town> {
  const clinic = await Clinic.open();
  const [patient, doctor, stranger, other] = [
    await clinic.person(),
    await clinic.practitioner(),
    await clinic.person(),
    await clinic.person(),
  ];
  const compartment = randomLabel();
  // the same few again and again: a Hardhat node makes its tries anew for every proof, so that more words would cost it, not us
  const scopes = Array.from({ length: 10 }, () => randomLabel());
  const busy = async (): Promise<void> => {
    // events of others: grants, in between the blocks of nobody
    await clinic.with(stranger, async (carekey) => {
      const end = (await carekey.now()) + 30 * day;
      for (let index = 0; index < (strangers * times) / 4; index++) {
        const scope = scopes[index % scopes.length] ?? compartment;
        const grant = { grantee: other.wallet.address, scope, permissions: ["WRITE"], end } as const;
        await carekey.grant(grant);
        await clinic.mine((blocks * times) / (strangers * times));
      }
    });
  };
  await busy();
  await clinic.grant(patient, doctor, compartment);
  await busy();
  const { result } = await clinic.with(doctor, (carekey) => {
    const { name, bytes } = noteOf("first");
    const place = { patient: patient.wallet.address, compartment, role: "practitioner" } as const;
    return carekey.share([bytesSource(name, bytes)], place);
  });
  await busy();
  await clinic.with(doctor, async (carekey) =>
    carekey.request({
      ...{ patient: patient.wallet.address, scope: compartment, role: "practitioner", permissions: ["READ"] },
      ...{ purposes: ["TREAT"], end: (await carekey.now()) + 30 * day },
    }),
  );
  await busy();
  const inbox = await clinic.with(doctor, (carekey) => carekey.inbox());
  const since = (inbox.result.upTo ?? 0) + 1;
  await clinic.mine(10);
  return { clinic, patient, doctor, recordId: result.recordId, compartment, since };
}

type Act = (town: Town) => Promise<{ ms: number }>;

let notes = 0;
const acts: Readonly<Record<string, Act>> = {
  open: ({ clinic, doctor, recordId }) =>
    clinic.with(doctor, (carekey) => carekey.open(recordId, { purpose: "TREAT" })),
  list: ({ clinic, patient }) => clinic.with(patient, (carekey) => carekey.list()),
  log: ({ clinic, patient }) => clinic.with(patient, (carekey) => carekey.log()),
  grants: ({ clinic, patient }) => clinic.with(patient, (carekey) => carekey.shares()),
  requests: ({ clinic, patient }) => clinic.with(patient, (carekey) => carekey.requests()),
  inbox: ({ clinic, doctor, since }) => clinic.with(doctor, (carekey) => carekey.inbox(undefined, { since })),
  // what writes comes last: it makes lists longer
  grant: ({ clinic, patient, doctor, compartment }) =>
    clinic.with(patient, async (carekey) =>
      carekey.grant({
        ...{ grantee: doctor.wallet.address, scope: compartment, permissions: ["READ", "WRITE"], purposes: ["TREAT"] },
        end: (await carekey.now()) + 90 * day,
      }),
    ),
  share: ({ clinic, patient, doctor, compartment }) =>
    clinic.with(doctor, (carekey) => {
      const { name, bytes } = noteOf(`more ${notes++}`);
      const place = { patient: patient.wallet.address, compartment, role: "practitioner" } as const;
      return carekey.share([bytesSource(name, bytes)], place);
    }),
};

async function compare(note: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  const [short, long] = [await build(1), await build(10)];
  try {
    let worst = 0;
    for (const [name, act] of Object.entries(acts)) {
      const [brief, lengthy]: [number[], number[]] = [[], []];
      const begin = performance.now();
      for (let run = 0; run < runs || performance.now() - begin < least; run++) {
        // in turn, first the one and then the other in front
        const order = run % 2 === 0 ? ([short, long] as const) : ([long, short] as const);
        for (const town of order) (town === short ? brief : lengthy).push((await act(town)).ms);
      }
      // what a busy machine adds is not the chain's: the fastest run of each
      const ratio = Math.min(...lengthy) / Math.min(...brief);
      note(`${name}: ${Math.min(...brief).toFixed(1)} and ${Math.min(...lengthy).toFixed(1)} ms, ${ratio.toFixed(2)}`);
      worst = Math.max(worst, ratio);
    }
    return { tenTimesBlocks: rounded(worst) };
  } finally {
    await short.clinic.close();
    await long.clinic.close();
  }
}
