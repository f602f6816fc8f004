import { mkdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { expect } from "chai";

import { root } from "./helpers/built.js";
import { type Outcome, Person, outcomeOf } from "./helpers/person.js";
import { world } from "./helpers/world.js";

/** What `npm pack --json` says. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** A program of somebody who installed the package. */
const program = `
import { readFile } from "node:fs/promises";
import { connect, fsStore, generateIdentity, parseDeployment } from "carekey";
import { Wallet } from "ethers";

const [, , rpc, file, directory] = process.argv;
const deployment = parseDeployment(JSON.parse(await readFile(file, "utf8")));
const [store, identity] = [await fsStore(directory), await generateIdentity()];
const carekey = await connect({ signer: new Wallet("0x" + "01".repeat(32)), provider: rpc, deployment, store, identity });
console.log(carekey.address);
process.exit(0);
`;

describe("the npm package", function () {
  this.timeout(600_000);

  it("holds what it needs and nothing else, and works where it is installed", async () => {
    const { folder, rpc, deployment } = await world();
    const elsewhere = path.join(folder, "elsewhere");
    await mkdir(elsewhere);
    // dist is built already
    const pack = await npm(root, "pack", "--json", "--ignore-scripts", "--pack-destination", folder);
    const [packed] = JSON.parse(pack.stdout) as [Packed];
    const files = packed.files.map((file) => file.path);
    expect(files).to.include.members(["package.json", "README.md", "LICENSE", "dist/cli/main.js", "dist/index.d.ts"]);
    const stray = files.filter((file) => !/^(dist|contracts|docs)\/|^[A-Za-z]+(\.md|\.json)?$/.test(file));
    expect(stray).to.deep.equal([]);
    const never = /(^|\/)(test|tests|scripts|mocks|deployments|node_modules)\/|\.env|\.key$|\.pem$|\.carekey$/;
    expect(files.filter((file) => never.test(file))).to.deep.equal([]);
    expect(packed.size).to.be.lessThan(5 * 1024 * 1024);

    await writeFile(path.join(elsewhere, "package.json"), JSON.stringify({ type: "module", private: true }));
    const tarball = path.join(folder, packed.filename);
    await npm(elsewhere, "install", "--no-audit", "--no-fund", "--ignore-scripts", tarball);
    expect((await stat(path.join(elsewhere, "node_modules/.bin/carekey"))).isFile()).to.equal(true);

    const somebody = await Person.of("somebody", path.join(elsewhere, "home"));
    const env = { CAREKEY_HOME: somebody.home, CAREKEY_PASSPHRASE_FILE: somebody.passphraseFile };
    const carekey = async (...args: readonly string[]): Promise<Outcome> =>
      outcomeOf("npx", ["carekey", ...args], { ...process.env, ...env }, elsewhere);
    expect(await carekey("--version")).to.deep.include({ code: 0, stdout: `${await version()}\n` });
    const init = await carekey("init", "--json", "--rpc", rpc, "--deployment", deployment);
    expect(init.code).to.equal(0);
    expect(JSON.parse(init.stdout)).to.include({ profile: "default", chainId: 31337 });
    expect((await carekey("key")).code).to.equal(0);

    const script = path.join(elsewhere, "program.js");
    await writeFile(script, program);
    const call = [script, rpc, deployment, path.join(elsewhere, "blocks")];
    const outcome = await outcomeOf(process.execPath, call, process.env, elsewhere);
    expect(outcome).to.deep.include({ code: 0, stdout: "0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1\n" });
  });
});

async function npm(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await outcomeOf("npm", args, process.env, cwd);
  expect(outcome.code, outcome.stderr).to.equal(0);
  return outcome;
}

async function version(): Promise<string> {
  const { default: manifest } = (await import("../../package.json", { with: { type: "json" } })) as {
    default: { version: string };
  };
  return manifest.version;
}
