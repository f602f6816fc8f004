import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../../.peers/bin", import.meta.url));

/** The program of a built peer, e.g. "ipfs", or undefined. The environment's CAREKEY_PEERS names another folder of programs. */
export function peer(name: string): string | undefined {
  const path = join(process.env.CAREKEY_PEERS ?? built, name);
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Describes tests that need a peer, and gives them its path. Where it is not built they are skipped, or fail when the
 * environment says CAREKEY_REQUIRE_PEERS=1.
 *
 * @example
 * describePeer("ipfs", "kubo store", (ipfs) => { it("…", async () => { await startKubo(ipfs); }); });
 */
export function describePeer(name: string, title: string, tests: (this: Mocha.Suite, path: string) => void): void {
  const path = peer(name);
  describe(title, function () {
    if (path) tests.call(this, path);
    else if (process.env.CAREKEY_REQUIRE_PEERS === "1") {
      it(`has ${name}`, () => {
        throw new Error(`no ${name}, run npm run peers`);
      });
    } else it.skip(`skipped: no ${name}, run npm run peers`);
  });
}
