import type { Chain } from "../chain/connection.js";
import type { Slot } from "../chain/slots.js";
import { type View, viewOf } from "../chain/view.js";

/**
 * The newest block, of which every word is asked for once: what was read ahead in one batch costs no further question.
 * @throws CHAIN_UNREACHABLE, CHAIN_INCONSISTENT
 */
export async function freshView(chain: Chain): Promise<View> {
  return remembering(await viewOf(chain));
}

/** The same view, which remembers the words that it was asked for. */
export function remembering(view: View): View {
  const known = new Map<string, bigint>();
  return {
    block: view.block,
    checkedBy: view.checkedBy,
    words: async (slots) => {
      const missing = new Map(slots.filter((slot) => !known.has(nameOf(slot))).map((slot) => [nameOf(slot), slot]));
      if (missing.size > 0) {
        const words = await view.words([...missing.values()]);
        for (const [place, name] of [...missing.keys()].entries()) known.set(name, words[place] ?? 0n);
      }
      return slots.map((slot) => known.get(nameOf(slot)) ?? 0n);
    },
  };
}

/** How long a block is asked about, in milliseconds: older ones a node may no longer prove. */
const freshFor = 60_000;

/** A view for work that takes long: another one once it is a minute old. */
export function lastingView(chain: Chain): () => Promise<View> {
  let last: { readonly view: Promise<View>; readonly since: number } | undefined;
  return () => {
    if (!last || Date.now() - last.since > freshFor) last = { view: freshView(chain), since: Date.now() };
    return last.view;
  };
}

/** The present, in seconds since 1970: this machine's clock, or the block's time where the chain runs ahead. */
export function presentAt({ block }: Pick<View, "block">): number {
  return Math.max(block.time, Math.floor(Date.now() / 1000));
}

function nameOf({ contract, key }: Slot): string {
  return `${contract} ${key}`;
}
