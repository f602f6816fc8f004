import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Wallet, hexlify, randomBytes } from "ethers";

import { chainTime, connectChain } from "../../src/chain/connection.js";
import { roleId } from "../../src/chain/ids.js";
import { anchorMany } from "../../src/chain/records.js";
import { noStamp, signStamp, stampDomain } from "../../src/crypto/stamp.js";
import { fsStore, generateIdentity, randomLabel, recipientOf } from "../../src/index.js";
import { contentOf, encodeBody } from "../../src/record/body.js";
import { listChart } from "../../src/record/chart.js";
import { memoryPins } from "../../src/record/pins.js";
import type { Context } from "../../src/record/context.js";
import { bodyFor, digestOf, sealManifest } from "../../src/record/manifest.js";
import { sealPart } from "../../src/record/seal-part.js";
import { bytesSource } from "../../src/record/source.js";
import { ownChain } from "../demo/chain.js";
import { type Group, median, rounded } from "./group.js";

const records = 1000;
const runs = 5;

/** Listing a chart of 1,000 records, in milliseconds: from chain and store alone, and with the sealed cache of the run before. */
export const chart: Group = {
  targets: { chart1000ColdMs: { atMost: 2000 }, chart1000WarmMs: { atMost: 200 } },
  run: measure,
};

async function measure(note: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  const own = await ownChain();
  const folder = await mkdtemp(path.join(tmpdir(), "carekey-chart-"));
  try {
    const identity = await generateIdentity();
    const signer = Wallet.createRandom();
    const { provider, deployment } = own;
    const store = await fsStore(path.join(folder, "blocks"), { fsync: false });
    /** Connected anew for every run, as a program that starts. */
    const connected = async (): Promise<Context> => ({
      chain: await connectChain({ signer, provider, deployment }),
      ...{ store, identities: [identity], recipient: await recipientOf(identity), pins: memoryPins(), keyWait: 0 },
    });
    await fill(await connected());
    const cold: number[] = [];
    const warm: number[] = [];
    const cache = path.join(folder, "chart.age");
    for (let run = 0; run < runs; run++) {
      await rm(cache, { force: true });
      cold.push(await timed(await connected(), cache));
      warm.push(await timed(await connected(), cache));
    }
    note(`chart: cold ${cold.map(Math.round).join(", ")} ms, warm ${warm.map(Math.round).join(", ")} ms`);
    return { chart1000ColdMs: rounded(median(cold)), chart1000WarmMs: rounded(median(warm)) };
  } finally {
    await own.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A chart of records that the patient reports of themselves. */
async function fill({ chain, store, recipient }: Context): Promise<void> {
  const compartment = randomLabel();
  const domain = stampDomain(chain.chainId, chain.addresses.RecordRegistry);
  const issuedAt = await chainTime(chain);
  const entries = [];
  for (let index = 0; index < records; index++) {
    const part = await sealPart(bytesSource(`day-${index}.txt`, randomBytes(200)), 0, [recipient], store);
    const encodedBody = encodeBody({
      ...bodyFor(chain),
      ...{ patient: chain.address, compartment, salt: hexlify(randomBytes(32)), parts: [part.body], previous: null },
      description: JSON.stringify({
        ...{ resourceType: "DocumentReference", status: "current", description: `Diary, day ${index}` },
        content: [{ attachment: { contentType: "text/plain", size: 200 } }],
      }),
    });
    const content = contentOf(encodedBody);
    const name = { patient: chain.address, compartment, content };
    const statement = { ...name, role: roleId("patient"), statement: "authored", previous: noStamp, issuedAt };
    const stamps = [await signStamp(chain.signer, domain, statement)];
    const { block } = await sealManifest({ encodedBody, parts: [part.location], stamps }, [recipient]);
    await store.put(block);
    entries.push({ content, manifest: digestOf(block) });
  }
  await anchorMany(chain, { patient: chain.address, compartment }, entries);
}

async function timed(context: Context, cache: string): Promise<number> {
  const begin = performance.now();
  const listed = await listChart(context, { cache });
  const took = performance.now() - begin;
  const good = listed.filter(({ summary }) => summary !== undefined).length;
  if (good !== records) throw new Error(`${good} records were listed, not ${records}`);
  return took;
}
