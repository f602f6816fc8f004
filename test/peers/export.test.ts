import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { expect } from "chai";

import { Clinic, bytesOf, sample } from "../helpers/clinic.js";
import { describePeer } from "./helpers/peer.js";

const call = promisify(execFile);

describePeer("age", "a sealed export and the stock age command", (age) => {
  it("opens part, body, description and Bundle with the identity alone, and sha256sum agrees", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "carekey-age-export-"));
    const clinic = await Clinic.open();
    try {
      const chart = await clinic.chart();
      const source = sample(3_000_000);
      const { recordId } = await clinic.share(chart, [source]);
      const out = path.join(folder, "out");
      await chart.patient.export(out, { sealed: true });
      const key = path.join(folder, "identity.txt");
      await writeFile(key, `${chart.patient.own.identities[0]}\n`, { mode: 0o600 });
      const opened = async (...names: string[]): Promise<Buffer> => {
        const file = path.join(out, ...names);
        return (await call(age, ["-d", "-i", key, file], { encoding: "buffer", maxBuffer: 2 ** 24 })).stdout;
      };
      const place = ["records", recordId.slice(2)];
      expect((await opened(...place, "files", "0.age")).equals(await bytesOf(source))).to.equal(true);
      expect((await opened(...place, "body.cbor.age")).length).to.be.greaterThan(100);
      expect(JSON.parse((await opened(...place, "record.json.age")).toString())).to.include({ recordId });
      expect(JSON.parse((await opened("bundle.json.age")).toString())).to.include({ type: "collection" });
      expect(await readdir(out)).to.include("SHA256SUMS");
      await call("sha256sum", ["-c", "--strict", "--quiet", "SHA256SUMS"], { cwd: out });
      expect(await readFile(path.join(out, "README.txt"), "utf8")).to.include("age -d -i identity.txt");
    } finally {
      await clinic.close();
      await rm(folder, { recursive: true });
    }
  });
});
