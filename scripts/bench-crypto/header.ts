import { acceptHeader, newFileKey } from "../../src/crypto/age.js";
import { encodeHeader, readHeader } from "../../src/crypto/header.js";
import { generateIdentity, recipientOf, wrapFileKey } from "../../src/crypto/recipients.js";
import { type Group, median, rounded, timed } from "./group.js";

const ROUNDS = 7;
const CALLS = 200;

/** A header for one hybrid recipient, given as text: made with its MAC, and read, unwrapped and checked. */
export const header: Group = {
  targets: { headerSealMs: { atMost: 0.5 }, headerOpenMs: { atMost: 0.5 } },
  run: async (note) => {
    const identity = await generateIdentity();
    const recipients = [await recipientOf(identity)];
    const fileKey = newFileKey();
    const seal = async (): Promise<Uint8Array> => encodeHeader(fileKey, await wrapFileKey(fileKey, recipients)).bytes;
    const bytes = await seal();
    const open = async (): Promise<unknown> => acceptHeader((await readHeader([bytes])).header, { identity });
    const sealing: number[] = [];
    const opening: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      sealing.push(await middle(seal));
      opening.push(await middle(open));
      note(`header: seal ${sealing.at(-1)?.toFixed(3)} ms, open ${opening.at(-1)?.toFixed(3)} ms`);
    }
    return { headerSealMs: rounded(median(sealing)), headerOpenMs: rounded(median(opening)) };
  },
};

/** Milliseconds of the middle one of many calls. */
async function middle(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let call = 0; call < CALLS; call++) times.push((await timed(work)) * 1000);
  return median(times);
}
