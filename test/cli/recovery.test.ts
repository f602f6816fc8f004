import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import { Decrypter } from "age-encryption";
import { expect } from "chai";
import { Wallet } from "ethers";

import { decodeVault } from "../../src/crypto/keyring/vault.js";
import { Person } from "./helpers/person.js";
import { type Home, world } from "./helpers/world.js";

/** What `vault show` says. */
interface Shown {
  readonly slots: readonly { readonly id: string; readonly kind: string; readonly tested: boolean }[];
  readonly published: boolean;
  readonly generation: number;
}

describe("the command line brings back what was lost", function () {
  this.timeout(600_000);
  let home: Home;
  let place: string[];
  let note: string;
  let patient: Person;
  let guardians: Person[];
  let code: string;
  let record: string;

  before(async () => {
    home = (await world()).home();
    place = ["--rpc", home.world.rpc, "--deployment", home.world.deployment, "--store", home.blocks];
    note = path.join(home.folder, "note.txt");
    code = path.join(home.folder, "code.txt");
    patient = await home.person("patient");
    await writeFile(note, "a note of somebody");
    await patient.init([...place, "--code-file", code]);
    await patient.json("key");
    guardians = await Promise.all(["one", "two", "three"].map((name) => home.member(name)));
  });

  const show = (person: Person): Promise<Shown> => person.json<Shown>("vault", "show");
  const slotOf = async (person: Person, kind: string): Promise<string> =>
    (await show(person)).slots.filter((slot) => slot.kind === kind).at(-1)!.id;

  /** A machine that has nothing but the address, and what stands between the braces. */
  async function blank(name: string): Promise<Person> {
    const folder = path.join(home.world.folder, `blank-${name}`);
    return Person.of(name, folder);
  }

  async function opensAll(person: Person): Promise<void> {
    expect((await person.json("whoami")).address).to.equal(patient.address);
    const { compartments } = await person.json<{ compartments: { name: string }[] }>("compartment", "list");
    expect(compartments.map(({ name }) => name)).to.include("heart");
    const to = path.join(person.home, "out");
    await person.json("record", "export", record, "--to", to);
    expect(await readFile(path.join(to, "note.txt"), "utf8")).to.equal("a note of somebody");
    // the wallet is back too: it signs
    await person.json("compartment", "add", `after ${person.name}`);
  }

  it("lets nobody add a record before two ways to open the vault were tested", async () => {
    const add = ["record", "add", note, "--compartment", "heart"];
    const before = await contents(home.folder);
    for (const args of [["compartment", "add", "heart"], add]) {
      const failure = await patient.fails(args);
      expect(failure).to.deep.include({ exit: 85, code: "RECOVERY_MISSING", details: { tested: 1, needed: 2 } });
    }
    expect(await contents(home.folder)).to.deep.equal(before);

    const id = await slotOf(patient, "recovery-code");
    const typo = path.join(home.folder, "typo.txt");
    const words = (await readFile(code, "utf8")).trim().split(" ");
    await writeFile(typo, [...words.slice(0, 6), "wrongg", ...words.slice(7)].join(" "));
    const failure = await patient.fails(["vault", "test", id, "--code-file", typo]);
    expect(failure).to.deep.include({ exit: 84, details: { reason: "word", position: 7 } });
    expect((await patient.fails(["vault", "test", "0x0011223344556677"])).exit).to.equal(88);
    expect((await patient.fails(add)).exit).to.equal(85);

    await patient.json("vault", "test", id, "--code-file", code);
    await patient.json("compartment", "add", "heart");
    ({ recordId: record } = await patient.json<{ recordId: string }>(...add));
  });

  it("remembers who accepted a loss, at init or at the first record", async () => {
    const careless = await home.person("careless");
    await careless.init(place);
    await careless.json("key");
    expect((await careless.fails(["compartment", "add", "a"])).exit).to.equal(85);
    await careless.json("compartment", "add", "a", "--i-accept-loss");
    await careless.json("compartment", "add", "b");
    const { slots, published } = await show(careless);
    expect(slots.map(({ kind, tested }) => [kind, tested])).to.deep.equal([["passphrase", true]]);
    // what only a passphrase opens is never published
    expect(published).to.equal(false);
    expect(await careless.json("vault", "publish")).to.deep.equal({});
    const unknown = await (await blank("careless")).fails(["recover", "code", careless.address, ...place]);
    expect(unknown).to.include({ exit: 80, code: "VAULT_UNKNOWN" });
  });

  it("keeps what is published in step with the vault, and never publishes the passphrase slot", async () => {
    const { slots, published } = await show(patient);
    expect(published).to.equal(true);
    expect(slots.map(({ kind }) => kind)).to.deep.equal(["passphrase", "recovery-code"]);
    const { vault } = await patient.json<{ vault: string }>("vault", "publish");
    expect((await patient.json<{ vault: string }>("key")).vault).to.equal(vault);
    const blocks = await Promise.all(
      (await contents(home.blocks)).map((name) => readFile(path.join(home.blocks, name))),
    );
    const vaults = blocks.filter((block) => block.subarray(0, 16).toString() === "carekey-vault-v1");
    expect(vaults.length).to.be.greaterThan(0);
    for (const each of vaults)
      expect(decodeVault(new Uint8Array(each)).slots.map(({ kind }) => kind)).not.to.include("passphrase");
  });

  it("recovers by the printed code, with a new passphrase", async () => {
    const machine = await blank("paper");
    const wrong = path.join(machine.home, "wrong.txt");
    const words = (await readFile(code, "utf8")).trim().split(" ");
    await writeFile(wrong, [...words.slice(1), words[0]].join(" "));
    const recover = ["recover", "code", patient.address, ...place, "--code-file"];
    expect([83, 84]).to.include((await machine.fails([...recover, wrong])).exit);
    expect((await machine.fails([...recover, "/nowhere"])).exit).to.equal(10);
    expect((await machine.fails(["recover", "code", "0x12", ...place])).exit).to.equal(2);
    const other = await machine.fails(["recover", "code", guardians[0]!.address, ...place, "--code-file", code]);
    expect(other.exit).to.equal(80);
    expect(await readdir(machine.home)).not.to.include("profiles");

    const done = await machine.json<{ keys: number }>(...recover, code);
    expect(done).to.deep.include({ address: patient.address, keys: 1 });
    await opensAll(machine);
    expect((await machine.fails([...recover, code])).exit).to.equal(71);
    const { slots } = await show(machine);
    expect(slots.map(({ kind, tested }) => [kind, tested])).to.deep.equal([
      ["passphrase", true],
      ["recovery-code", true],
    ]);
  });

  it("recovers by a copy of the vault's file and its passphrase", async () => {
    const machine = await blank("copy");
    const copy = path.join(machine.home, "copy.carekey");
    await cp(path.join(patient.folder, "vault.carekey"), copy);
    const recover = ["recover", "copy", copy, ...place];
    expect((await machine.fails(recover)).exit).to.equal(34);
    const env = { CAREKEY_PASSPHRASE_FILE: patient.passphraseFile };
    const cut = path.join(machine.home, "cut.carekey");
    await writeFile(cut, (await readFile(copy)).subarray(0, 300));
    const damaged = await machine.fails(["recover", "copy", cut, ...place], env);
    expect(damaged).to.deep.include({ exit: 81, details: { reason: "checksum", size: 300 } });
    expect(await readdir(machine.home)).not.to.include("profiles");
    expect((await machine.run([...recover, "--json"], env)).code).to.equal(0);
    await cp(patient.passphraseFile, machine.passphraseFile);
    // a passphrase alone is one way; the code on paper is the other
    await machine.json("vault", "test", await slotOf(machine, "recovery-code"), "--code-file", code);
    await opensAll(machine);
  });

  it("recovers by guardians, of whom two of three are enough and one may lie", async () => {
    const added = await patient.json<{ slot: string; vault: string }>(
      ...["vault", "add-guardians", ...guardians.map(({ address }) => address), "--threshold", "2"],
    );
    expect((await show(patient)).published).to.equal(true);

    const machine = await blank("guarded");
    const request = path.join(machine.home, "request.json");
    const asked = await machine.json<{ fingerprint: string; slot: string }>(
      ...["recover", "ask", patient.address, "--to", request, ...place],
    );
    expect(asked.slot).to.equal(added.slot);
    expect(asked.fingerprint.split(" ")).to.have.lengthOf(8);

    const shares = await Promise.all(
      guardians.map(async (guardian) => {
        const to = path.join(machine.home, `${guardian.name}.age`);
        expect((await guardian.fails(["release", request, "--to", to])).exit, "without a yes").to.equal(2);
        const released = await guardian.json<{ fingerprint: string }>("release", request, "--to", to, "--yes");
        expect(released.fingerprint).to.equal(asked.fingerprint);
        return to;
      }),
    );
    const stranger = await home.member("stranger");
    const none = path.join(machine.home, "none.age");
    expect((await stranger.fails(["release", request, "--to", none, "--yes"])).exit).to.equal(30);

    const recover = (...files: string[]): string[] => ["recover", "guardians", ...files, ...place];
    const few = await machine.fails(recover(shares[0]!));
    expect(few).to.deep.include({ exit: 86, details: { shares: 1, threshold: 2 } });
    const lie = path.join(machine.home, "lie.age");
    await writeFile(
      lie,
      (await readFile(shares[1]!)).map((byte, at) => (at === 1700 ? byte ^ 1 : byte)),
    );
    const lied = await machine.fails(recover(shares[0]!, lie));
    expect(lied).to.deep.include({ exit: 87, details: { share: 2, reason: "sealed" } });
    expect(await readdir(machine.home)).not.to.include("profiles");

    const done = await machine.json<{ refused: object[] }>(...recover(lie, shares[2]!, shares[0]!));
    expect(done.refused).to.deep.equal([{ share: 1, reason: "sealed" }]);
    await opensAll(machine);
    // the recovery key is gone with the recovery
    expect(await readdir(path.join(machine.home, "recoveries"))).to.deep.equal([]);
    expect((await machine.fails(["--profile", "again", ...recover(...shares)])).exit).to.equal(2);
  });

  it("lets guardians be tried while nothing is lost", async () => {
    const request = path.join(home.folder, "drill.json");
    const { slot } = await patient.json<{ slot: string }>("recover", "ask", patient.address, "--to", request);
    const shares = await Promise.all(
      guardians.slice(0, 2).map(async (guardian) => {
        const to = path.join(home.folder, `drill-${guardian.name}.age`);
        await guardian.json("release", request, "--to", to, "--yes");
        return to;
      }),
    );
    await patient.json("vault", "test", slot, "--share", ...shares);
    expect((await show(patient)).slots.map(({ tested }) => tested)).to.deep.equal([true, true, true]);
  });

  it("changes the passphrase and touches no other slot", async () => {
    const before = decodeVault(new Uint8Array(await readFile(path.join(patient.folder, "vault.carekey"))));
    const next = path.join(home.folder, "next.passphrase");
    await writeFile(next, "the next passphrase\n");
    const short = path.join(home.folder, "short.passphrase");
    await writeFile(short, "short\n");
    expect((await patient.fails(["vault", "passphrase", "--new-passphrase-file", short])).exit).to.equal(2);
    await patient.json("vault", "passphrase", "--new-passphrase-file", next);
    expect((await patient.fails(["key"])).exit).to.equal(34);
    await cp(next, patient.passphraseFile);
    const after = decodeVault(new Uint8Array(await readFile(path.join(patient.folder, "vault.carekey"))));
    expect(after.slots.slice(1)).to.deep.equal(before.slots.slice(1));
    expect(await show(patient)).to.include({ published: true, generation: before.generation });
  });

  it("removes a slot but the last, and renews the vault so that no old way opens it", async () => {
    const guarded = await slotOf(patient, "guardians");
    expect((await patient.fails(["vault", "remove", guarded])).exit, "without a yes").to.equal(2);
    await patient.json("vault", "remove", guarded, "--yes");
    expect((await patient.fails(["vault", "remove", guarded, "--yes"])).exit).to.equal(88);
    // without it this machine could not open the vault
    const own = await slotOf(patient, "passphrase");
    expect((await patient.fails(["vault", "remove", own, "--yes"])).exit).to.equal(2);

    await patient.json("vault", "renew", "--yes");
    const only = await slotOf(patient, "passphrase");
    expect((await show(patient)).slots).to.have.lengthOf(1);
    expect((await patient.fails(["vault", "remove", only, "--yes"])).exit).to.equal(89);
    const added = path.join(home.folder, "new-code.txt");
    const { slot } = await patient.json<{ slot: string }>("vault", "add-code", "--code-file", added);
    expect((await patient.fails(["vault", "add-code", "--code-file", added])).exit).to.equal(13);
    const old = await patient.fails(["vault", "test", slot, "--code-file", code]);
    expect(old).to.include({ exit: 83, code: "VAULT_KEY_WRONG" });
    const machine = await blank("old-code");
    expect((await machine.fails(["recover", "code", patient.address, ...place, "--code-file", code])).exit).to.equal(
      83,
    );
    await machine.json("recover", "code", patient.address, ...place, "--code-file", added);
    await opensAll(machine);
    expect((await stat(added)).mode & 0o777).to.equal(0o600);
  });

  it("writes the keys for other programs", async () => {
    const to = path.join(home.folder, "keys");
    await patient.json("vault", "export", "--to", to);
    const passphrase = (await readFile(patient.passphraseFile, "utf8")).trim();
    const { address } = await Wallet.fromEncryptedJson(
      await readFile(path.join(to, "wallet.json"), "utf8"),
      passphrase,
    );
    expect(address).to.equal(patient.address);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    const identities = await decrypter.decrypt(await readFile(path.join(to, "identities.age")), "text");
    expect(identities).to.match(/^# key version 1\nAGE-SECRET-KEY-PQ-1[0-9A-Z]+\n$/);
    expect((await patient.fails(["vault", "export", "--to", to])).exit).to.equal(13);
  });

  it("puts the keys of a profile of before there were vaults into one", async () => {
    const machine = await blank("former");
    const folder = path.join(machine.home, "profiles", "former");
    await mkdir(folder, { recursive: true });
    await cp(patient.passphraseFile, machine.passphraseFile);
    const keys = path.join(home.folder, "keys");
    const settings = JSON.parse(await readFile(path.join(patient.folder, "profile.json"), "utf8")) as object;
    await writeFile(path.join(folder, "profile.json"), JSON.stringify({ ...settings, recovery: undefined }));
    await cp(path.join(keys, "wallet.json"), path.join(folder, "wallet.json"));
    await cp(path.join(keys, "identities.age"), path.join(folder, "identity.age"));
    const wrong = { CAREKEY_PASSPHRASE_FILE: guardians[0]!.passphraseFile };
    expect((await machine.fails(["whoami"], wrong)).exit).to.equal(34);
    expect(await readdir(folder)).to.have.members(["profile.json", "wallet.json", "identity.age"]);

    expect((await machine.json("whoami")).address).to.equal(patient.address);
    expect(await readdir(folder)).to.have.members(["profile.json", "vault.carekey"]);
    await machine.json("record", "show", record);
    expect((await machine.fails(["compartment", "add", "later"])).exit).to.equal(85);
  });

  it("shows the code once, on a screen that leaves nothing behind, and asks it back", async () => {
    const ida = await home.person("ida");
    const screen = ida.sit("init", ...place);
    await screen.answer(/Choose a passphrase/, ida.passphrase);
    await screen.answer(/Once more/, ida.passphrase);
    await screen.shows(/\u001b\[\?1049h/);
    await screen.shows(/Written down/);
    const words = [...screen.text.matchAll(/(?<=^|\s)(\d{1,2}) ([a-z]+)(?=\s)/g)].map(([, , word]) => word!);
    expect(words).to.have.lengthOf(24);
    screen.type("\r");
    await screen.answer(/Type the words/, [...words.slice(0, 23), "nonsense"].join(" "));
    await screen.shows(/Word 24 is not of the list/);
    await screen.answer(/Type the words/, words.join(" "));
    expect(await screen.ended).to.equal(0);
    expect(screen.text.lastIndexOf("\u001b[?1049l")).to.be.greaterThan(screen.text.lastIndexOf("\u001b[?1049h"));
    // nothing of it stands outside the private screens
    const outside = screen.text.replace(/\u001b\[\?1049h[\s\S]*?\u001b\[\?1049l/g, "");
    expect(outside).not.to.include(words.slice(0, 2).join(" "));
    await ida.json("key");
    await ida.json("compartment", "add", "ready");

    const code = path.join(home.folder, "ida.txt");
    await writeFile(code, words.join("\n"));
    const machine = await blank("ida");
    const { address } = await ida.json<{ address: string }>("whoami");
    await machine.json("recover", "code", address, ...place, "--code-file", code);
    await rm(code);
  });
});

/** All files below a folder. */
async function contents(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder, { recursive: true });
  const kinds = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).isFile()));
  return names.filter((_, at) => kinds[at]).sort();
}
