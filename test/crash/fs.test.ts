import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { bundled, crashOnce } from "../helpers/fs-crash.js";

/** kill −9 so often; `CAREKEY_CRASHES` names another number. */
const CRASHES = Number(process.env.CAREKEY_CRASHES ?? 200);
/** Crashes in one directory, so that each finds what the ones before left. */
const TOGETHER = 20;

describe("fs store, killed again and again", function () {
  this.timeout(CRASHES * 10_000);
  let folder: string;
  let writer: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "carekey-crash-"));
    writer = await bundled("fs-writer.ts", folder);
  });
  after(() => rm(folder, { recursive: true }));

  it(`keeps what it acknowledged and serves no half of a block, ${CRASHES} times`, async () => {
    let acknowledged = 0;
    for (let crash = 0; crash < CRASHES; crash++) {
      const directory = join(folder, String(Math.floor(crash / TOGETHER)));
      // spread over all deeds of the writer and the first milliseconds of each
      const at = { seed: crash, lines: 1 + (crash % 19), delay: crash % 7 };
      acknowledged += await crashOnce(writer, directory, at);
      if (crash % TOGETHER === TOGETHER - 1) await rm(directory, { recursive: true });
    }
    expect(acknowledged).to.be.at.least(CRASHES);
  });
});
