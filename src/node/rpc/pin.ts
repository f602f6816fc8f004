import type { CID } from "multiformats/cid";
import { z } from "zod";
import { listBlocks } from "../../storage/unixfs/blocks.js";
import { anyCids, cids, flag, only } from "./arguments.js";
import { type Call, command } from "./command.js";
import { each } from "./lines.js";
import { holdersOf, pinWhole } from "./pinned.js";

const nameOf = (cid: CID) => cid.toString();

/** A pin as the listings have it. */
interface Pin {
  readonly Cid: string;
  readonly Type: string;
}

/** Pins files that are whole. A pin's name is not kept: it would stand in the clear. */
export const pinAdd = command({ arg: cids, recursive: only("true") }, async ({ arg }, call) => {
  for (const root of arg) await pinWhole(root, call);
  return { document: { Pins: arg.map(nameOf) } };
});

/** Unpins roots. */
export const pinRm = command({ arg: cids, recursive: only("true") }, async ({ arg }, { store, signal }) => {
  const pinned = new Set<string>();
  for await (const root of store.pins({ signal })) pinned.add(nameOf(root));
  // Kubo stops at the first that is not pinned, too
  for (const root of arg) {
    if (!pinned.has(nameOf(root))) return { refusal: "not pinned or pinned indirectly" };
    await store.unpin(root, { signal });
  }
  return { document: { Pins: arg.map(nameOf) } };
});

/** Lists pins: all of a type, or those of the CIDs given, each of which has to be pinned. */
export const pinLs = command(
  {
    arg: anyCids,
    type: z.enum(["all", "recursive", "direct", "indirect"]).default("all"),
    stream: flag.default(false),
    name: z.string().default(""),
  },
  async ({ arg, type, stream, name }, call) => {
    // no pin has a name
    if (name) return listing(each([]), stream);
    if (arg.length === 0) return listing(allPins(type, call), stream);
    const holders = await holdersOf(arg, nameOf, call);
    const pins: Pin[] = [];
    for (const cid of arg) {
      const holder = holders.get(nameOf(cid));
      const kind = holder?.isRoot ? "recursive" : "indirect";
      if (!holder || (type !== "all" && type !== kind)) return { refusal: `path '${nameOf(cid)}' is not pinned` };
      pins.push({ Cid: nameOf(cid), Type: holder.isRoot ? kind : `indirect through ${holder.root}` });
    }
    return listing(each(pins), stream);
  },
);

async function listing(pins: AsyncIterable<Pin>, stream: boolean) {
  if (stream) return { lines: pins };
  const Keys: Record<string, { Type: string; Name: string }> = {};
  for await (const { Cid, Type } of pins) Keys[Cid] = { Type, Name: "" };
  // without any, Kubo leaves the list out
  return { document: Object.keys(Keys).length > 0 ? { Keys } : {} };
}

/** The roots, then what lies below them; a block that several files share is named once, so the names are held in memory. */
async function* allPins(type: string, { store, signal }: Call): AsyncGenerator<Pin, void, undefined> {
  const roots: CID[] = [];
  for await (const root of store.pins({ signal })) roots.push(root);
  if (type === "all" || type === "recursive") for (const root of roots) yield { Cid: nameOf(root), Type: "recursive" };
  if (type !== "all" && type !== "indirect") return;
  const named = new Set(roots.map(nameOf));
  for (const root of roots) {
    for await (const cid of listBlocks(root, store, { signal, skipMissing: true })) {
      if (named.has(nameOf(cid))) continue;
      named.add(nameOf(cid));
      yield { Cid: nameOf(cid), Type: "indirect" };
    }
  }
}
