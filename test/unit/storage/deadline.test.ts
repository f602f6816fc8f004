import { once } from "node:events";
import { expect } from "chai";
import { withDeadline } from "../../../src/storage/deadline.js";
import { failure } from "../../helpers/block-store-suite.js";

describe("deadline of a store's call", () => {
  const hang = async (signal: AbortSignal) => {
    await once(signal, "abort");
    signal.throwIfAborted();
  };

  it("fails with STORE_FAILED when time runs out", async () => {
    // the timer alone does not keep a process alive, as a socket would
    const alive = setInterval(() => undefined, 1000);
    const details = await failure(withDeadline({ deadline: 1 }, Infinity, hang), "STORE_FAILED");
    clearInterval(alive);
    expect(details).to.include({ deadline: 1 });
  });

  it("fails with CANCELLED when the caller stops it", async () => {
    const caller = new AbortController();
    const work = failure(withDeadline({ signal: caller.signal }, 60_000, hang), "CANCELLED");
    caller.abort();
    await work;
  });

  it("keeps the code of a system error, of which a full disk and a quota that is used up are one", async () => {
    const kinds = [
      ["ENOSPC", "DISK_FULL"],
      ["EDQUOT", "DISK_FULL"],
      ["EIO", "STORE_FAILED"],
    ] as const;
    for (const [code, kind] of kinds) {
      const refused = Object.assign(new Error("said by the system"), { code });
      const work = withDeadline(undefined, Infinity, () => Promise.reject(refused));
      expect(await failure(work, kind)).to.include({ code });
    }
  });
});
