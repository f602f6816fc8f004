import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { NodeProcess } from "./helpers/node-process.js";
import type { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

interface Report {
  readonly records: readonly {
    readonly recordId: string;
    readonly missing: number;
    readonly blocks: number;
    readonly nodes: readonly { readonly node: string; readonly blocks: number }[];
    readonly verifiedAt?: number;
  }[];
}

describe("a chart on several storage nodes, by the command line", function () {
  this.timeout(240_000);
  let home: Home;
  let patient: Person, operator: Person;
  let node: NodeProcess;
  let recordId: string;
  const folder = (name: string) => path.join(home.folder, name);

  before(async () => {
    home = (await world()).home();
    const admin = await home.administrator();
    operator = await home.member("operator");
    await admin.json("credential", "accredit", admin.address, "storage");
    await admin.json("credential", "issue", operator.address, "storage", "--until", "1y");
    node = await NodeProcess.start(
      { ...process.env, CAREKEY_HOME: home.folder, CAREKEY_PASSPHRASE_FILE: operator.passphraseFile },
      ...["--profile", "operator", "--receipts"],
    );
    const { token } = await operator.json<{ token: string }>(...["node", "token", "--scope", "manage", "--ttl", "2h"]);
    await writeFile(folder("token"), token, { mode: 0o600 });
    const stores = [
      { kind: "node", url: node.ready.gateway, tokenFile: folder("token") },
      ...["b", "c"].map((name) => ({ kind: "fs", directory: folder(name) })),
    ];
    const nodes = stores.map((store, index) => ({ name: "abc"[index], operator: `Clinic ${index}`, store }));
    const pool = { version: 1, nodes, policy: { kind: "copies", copies: 2 } };
    await writeFile(folder("pool.json"), JSON.stringify(pool));
    patient = await home.person("patient");
    const { rpc, deployment } = home.world;
    const where = ["--rpc", rpc, "--deployment", deployment, "--pool", folder("pool.json")];
    await patient.init([...where, "--i-accept-loss"]);
    await patient.json("key");
    await patient.json("compartment", "add", "imaging");
  });
  after(() => node.kill());

  it("sets how a compartment is kept, and refuses what the nodes can't keep", async () => {
    await patient.json("storage", "policy", "imaging", "2+1");
    const { default: usual, policies } = await patient.json<{ default: object; policies: Record<string, object> }>(
      ...["storage", "policy"],
    );
    expect(usual).to.deep.equal({ kind: "copies", copies: 2 });
    expect(Object.values(policies)).to.deep.equal([{ kind: "fragments", data: 2, parity: 1 }]);
    for (const how of ["4", "many", "0+1", "200+200"])
      expect((await patient.fails(["storage", "policy", "imaging", how])).exit, how).to.equal(2);
    expect((await patient.fails(["storage", "policy", "imaging", "2", "--operator", "Nobody"])).exit).to.equal(2);
    expect((await operator.fails(["storage", "policy"])).exit).to.equal(2);
  });

  it("adds a record in fragments, opens it, and finds every block where it belongs", async () => {
    const file = folder("scan.bin");
    await writeFile(file, Buffer.alloc(5_000_000, 7));
    ({ recordId } = await patient.json<{ recordId: string }>("record", "add", file, "--compartment", "imaging"));
    await patient.json("record", "export", recordId, "--to", folder("out"));
    expect((await readFile(path.join(folder("out"), "scan.bin"))).equals(await readFile(file))).to.equal(true);
    const { summary } = await patient.json<{ summary: object }>("storage", "check");
    expect(summary).to.include({ missing: 0, rotten: 0, misplaced: 0, unreachable: 0, lost: 0 });
  });

  it("reports where the record lies and when it was verified", async () => {
    const { records } = await patient.json<Report>("storage", "report", recordId);
    const [entry] = records;
    expect(entry).to.include({ recordId, missing: 0 });
    expect(entry?.verifiedAt).to.be.above(0);
    expect(entry?.nodes.map(({ node: name, blocks }) => [name, blocks > 0])).to.deep.equal([
      ["a", true],
      ["b", true],
      ["c", true],
    ]);
  });

  /** What a check that is not content says. */
  async function unhealthy(): Promise<Record<string, number>> {
    const { code, stdout, stderr } = await patient.run(["--json", "storage", "check"]);
    expect(code).to.equal(59);
    expect((JSON.parse(stderr) as { error: object }).error).to.include({ code: "STORAGE_UNHEALTHY" });
    return (JSON.parse(stdout) as { summary: Record<string, number> }).summary;
  }

  it("finds and heals what a node lost and what rotted, with exit statuses for scripts", async () => {
    await rm(path.join(folder("b"), "blocks"), { recursive: true });
    const blocks = (await readdir(path.join(folder("c"), "blocks"), { recursive: true })).filter((name) =>
      name.endsWith(".data"),
    );
    expect(blocks).to.have.length.above(0);
    expect((await unhealthy()).missing).to.be.above(0);
    expect(await patient.json("storage", "repair")).to.include({ failed: 0, lost: 0 });
    const rotten = path.join(folder("c"), "blocks", blocks[0]!);
    await writeFile(rotten, "rotten");
    expect((await unhealthy()).rotten).to.equal(1);
    expect(await patient.json("storage", "repair")).to.include({ removed: 1, failed: 0, lost: 0 });
    await patient.json("storage", "check");
    expect(await patient.json("storage", "rebalance")).to.include({ failed: 0 });
  });

  it("erases the record, with a receipt of the node's operator on chain", async () => {
    const report = await patient.json<{
      receipts: { operator: string; account: string; attestedAt: number; left: string[] }[];
      removal: { left: string[] }[];
    }>("storage", "erase", recordId, "--yes");
    expect(report.receipts).to.have.length(1);
    expect(report.receipts[0]).to.deep.include({ operator: "a", account: operator.address, left: [] });
    expect(report.receipts[0]?.attestedAt).to.be.above(0);
    expect(report.removal.flatMap(({ left }) => left)).to.deep.equal([]);
    expect((await patient.fails(["record", "show", recordId])).code).to.equal("RECORD_RETRACTED");
  });
});
