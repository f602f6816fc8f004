/** Nodes limit the range of one question; this is within what the usual ones allow. */
const widest = 10_000;

/** Questions on their way at the same time. */
const sideBySide = 4;

/**
 * Asks for what lies in a range of blocks, window by window, some side by side. A window that the node refuses is halved, whatever the reason, down to one block; then the
 * windows grow again.
 * @returns What was found, in the order of the blocks.
 * @throws what the node refuses one block with
 */
export async function inWindows<Item>(
  first: number,
  last: number,
  ask: (from: number, to: number) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const found: { readonly from: number; readonly items: readonly Item[] }[] = [];
  let [next, width] = [first, widest];
  let isOver = false;
  const work = async (): Promise<void> => {
    while (next <= last && !isOver) {
      const from = next;
      const end = Math.min(from + width - 1, last);
      next = end + 1;
      await readWindow(from, end);
    }
  };
  const readWindow = async (from: number, to: number): Promise<void> => {
    try {
      const items = await ask(from, to);
      found.push({ from, items });
      width = Math.min(Math.max(width, 2 * (to - from + 1)), widest);
    } catch (error) {
      if (isOver || from === to) {
        isOver = true;
        throw error;
      }
      const middle = Math.floor((from + to) / 2);
      width = middle - from + 1;
      await readWindow(from, middle);
      await readWindow(middle + 1, to);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return found.sort((a, b) => a.from - b.from).flatMap(({ items }) => items);
}
