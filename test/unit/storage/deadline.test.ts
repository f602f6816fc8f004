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

  it("keeps the code of a system error", async () => {
    const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
    const work = withDeadline(undefined, Infinity, () => Promise.reject(full));
    expect(await failure(work, "DISK_FULL")).to.include({ code: "ENOSPC" });
  });
});
