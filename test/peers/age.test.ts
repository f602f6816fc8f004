import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { brainSeries } from "../helpers/samples.js";
import { Screen } from "../cli/helpers/screen.js";
import { type Home, world } from "../cli/helpers/world.js";
import { describePeer, peer } from "./helpers/peer.js";

const call = promisify(execFile);

describePeer("age", "exported records and the stock age command", function (age) {
  this.timeout(240_000);
  let home: Home;

  before(async function () {
    if (!peer("age-keygen")) this.skip();
    home = (await world()).home();
  });

  it("opens what was sealed to a hybrid identity of its own", async () => {
    const key = path.join(home.folder, "key.txt");
    const patient = await home.member("patient");
    await call(peer("age-keygen")!, ["-pq", "-o", key]);
    const recipient = (await call(peer("age-keygen")!, ["-y", key])).stdout.trim();

    await patient.json("compartment", "add", "imaging");
    const slices = brainSeries.slice(0, 2);
    const { recordId } = await patient.json<{ recordId: string }>(
      "record",
      "add",
      ...slices,
      "--compartment",
      "imaging",
    );
    const to = ["--to", path.join(home.folder, "sealed"), "--age", recipient];
    const { files } = await patient.json<{ files: string[] }>("record", "export", recordId, ...to);
    expect(files).to.have.lengthOf(2);
    for (const [index, file] of files.entries()) {
      const { stdout } = await call(age, ["-d", "-i", key, file], { encoding: "buffer", maxBuffer: 2 ** 24 });
      expect(stdout.equals(await readFile(slices[index]!))).to.equal(true);
    }
  });

  it("opens the identities that a profile exports with its passphrase", async () => {
    const patient = await home.member("another");
    const to = path.join(home.folder, "keys");
    await patient.json("vault", "export", "--to", to);
    const file = path.join(to, "identities.age");
    const screen = new Screen(age, ["-d", file], { TERM: "xterm" });
    await screen.answer(/passphrase.*:/i, patient.passphrase);
    await screen.shows(/AGE-SECRET-KEY-PQ-1[0-9A-Z]+/);
    expect(await screen.ended).to.equal(0);
  });
});
