/** Makes vault.json and shares.json anew from docs/format.md §17, §18 with plain primitives: `npx tsx test/vectors/keyring.ts`. */
import { writeFile } from "node:fs/promises";

import * as dagCbor from "@ipld/dag-cbor";
import { bech32 } from "@scure/base";
import { entropyToMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

import { fixed, openAge, recipientOf, sealAge, sha256 } from "./plain/age.js";
import { shareAt } from "./plain/shamir.js";
import {
  type Fields,
  type PlainSlot,
  type PlainVault,
  fileOf,
  keyFor,
  mapOf,
  passphraseKey,
  prfStanza,
  vaultMap,
} from "./plain/vault.js";

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const chainId = 31337;
const actor = fixed("actor", 20);
/** How age names a passkey: bech32 of version, credential id, relying party and transports in CBOR. */
const credential = bech32
  .encode(
    "age-plugin-fido2prf-",
    bech32.toWords(
      Buffer.concat([1, fixed("credential", 16), "carekey.example", ["internal"]].map((each) => dagCbor.encode(each))),
    ),
    false,
  )
  .toUpperCase();

/** How a vector is opened. */
export type Method =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "recovery-code"; readonly words: string }
  | { readonly kind: "passkey"; readonly prf: readonly [string, string] }
  | { readonly kind: "guardians"; readonly shares: readonly string[]; readonly identitySecret: string };

/** A refusal: the code and the details that a reader has to come to. */
export interface Refusal {
  readonly code: string;
  readonly details?: Readonly<Record<string, string | number>>;
}

const code = (phrase: string): { entropy: Uint8Array; words: string } => {
  const entropy = fixed(`${phrase}: entropy`);
  return { entropy, words: entropyToMnemonic(entropy, wordlist) };
};

function named(phrase: string, kind: string): { id: Uint8Array; kind: string; salt: Uint8Array } {
  return { id: fixed(`${phrase}: slot`, 8), kind, salt: fixed(`${phrase}: slot salt`) };
}

const methods = {
  passphrase: (phrase: string, passphrase: string, workFactor = 15): PlainSlot & { method: Method } => {
    const slot = { ...named(phrase, "passphrase"), workFactor };
    return {
      slot,
      slotKey: passphraseKey(passphrase, slot.salt, workFactor),
      method: { kind: "passphrase", passphrase },
    };
  },
  code: (phrase: string): PlainSlot & { method: Method } => {
    const slot = named(phrase, "recovery-code");
    const { entropy, words } = code(phrase);
    return { slot, slotKey: keyFor("recovery-code", entropy, slot.salt), method: { kind: "recovery-code", words } };
  },
  passkey: (phrase: string): PlainSlot & { method: Method } => {
    const [first, second] = [fixed(`${phrase}: PRF 1`), fixed(`${phrase}: PRF 2`)];
    const fileKey = fixed(`${phrase}: file key`, 16);
    const key = prfStanza(fileKey, first, second);
    const slot = { ...named(phrase, "passkey"), credential, nonce: fixed(`${phrase}: nonce`, 16), key };
    const method: Method = { kind: "passkey", prf: [hex(first), hex(second)] };
    return { slot, slotKey: keyFor("passkey", fileKey, slot.salt), method };
  },
};

function vaultOf(phrase: string, slots: readonly PlainSlot[], more: Partial<PlainVault> = {}): PlainVault {
  return {
    ...{ chainId, actor, id: fixed(`${phrase}: vault`, 16), generation: 1, vaultKey: fixed(`${phrase}: vault key`) },
    ...{
      salt: fixed(`${phrase}: vault salt`),
      slots,
      identities: [{ version: 1, secret: fixed(`${phrase}: identity`) }],
    },
    ...{ wallet: fixed(`${phrase}: wallet`), ...more },
  };
}

/** A vault with all that it is made of. */
function described(name: string, vault: PlainVault, ways: readonly Method[]) {
  const map = vaultMap(vault);
  const published = (map.slots as Fields[]).filter(({ kind }) => kind !== "passphrase");
  const portable = published.length > 0 ? sha256(fileOf({ ...map, slots: published })) : undefined;
  return {
    ...{ name, chainId: vault.chainId, actor: hex(vault.actor), generation: vault.generation, file: hex(fileOf(map)) },
    ...{ vaultKey: hex(vault.vaultKey), slotKeys: vault.slots.map(({ slotKey }) => hex(slotKey)), opens: ways },
    identities: vault.identities.map(({ version, secret }) => ({ version, secret: hex(secret) })),
    ...{ wallet: vault.wallet && hex(vault.wallet), published: portable && hex(portable) },
  };
}

/** All of vault.json. */
export function vaultVectors() {
  const opened = (name: string, slots: readonly (PlainSlot & { method: Method })[], more?: Partial<PlainVault>) =>
    described(
      name,
      vaultOf(name, slots, more),
      slots.map(({ method }) => method),
    );
  const { passphrase, code: paper, passkey } = methods;
  const vaults = [
    opened("a passphrase alone", [passphrase("1", "correct horse battery staple")]),
    opened("a recovery code alone", [paper("2")]),
    opened("a passkey alone", [passkey("3")]),
    opened("passphrase and code", [passphrase("4", "passphrase and code"), paper("4b")]),
    opened("all that one person has", [passphrase("5", "one of four"), paper("5b"), passkey("5c"), paper("5d")]),
    opened("an accent, composed", [passphrase("6", "Schl\u00fcssel")]),
    opened("an accent, decomposed", [passphrase("7", "Schlu\u0308ssel")]),
    opened("a passphrase of another script", [passphrase("8", "密码是很长的一句话 🔑")]),
    opened("a passphrase with spaces at its ends", [passphrase("9", "  two  spaces  ")]),
    opened("the usual work factor", [passphrase("10", "the usual work factor", 17)]),
    opened("no wallet", [paper("11")], { wallet: null }),
    opened("a history of three keys", [paper("12")], {
      generation: 7,
      identities: [1, 2, 9].map((version) => ({ version, secret: fixed(`key ${version}`) })),
    }),
    opened("the highest version", [paper("13")], {
      identities: [{ version: 2 ** 32 - 1, secret: fixed("the highest") }],
    }),
    opened(
      "sixteen slots",
      Array.from({ length: 16 }, (_, at) => paper(`14.${at}`)),
    ),
    opened("another chain", [paper("15")], { chainId: 2 ** 53 - 1, generation: 2 ** 53 - 1 }),
    opened("the actor zero", [paper("16")], { actor: new Uint8Array(20) }),
  ];
  return { credential, vaults, refusals: vaultRefusals(), codes: codes() };
}

function vaultRefusals() {
  const slot = methods.code("refused");
  const { method } = slot;
  const vault = vaultOf("refused", [slot]);
  const map = vaultMap(vault);
  const file = fileOf(map);
  const list: { name: string; file: string; open: Method; refusal: Refusal }[] = [];
  const add = (name: string, bytes: Uint8Array, refusal: Refusal, open: Method = method): void => {
    list.push({ name, file: hex(bytes), open, refusal });
  };
  const damaged = (reason: string, more: Refusal["details"] = {}): Refusal => ({
    ...{ code: "VAULT_DAMAGED", details: { reason, ...more } },
  });
  const field = (name: string): Refusal => damaged("field", { field: name });
  const changed = (change: Fields): Uint8Array => fileOf({ ...map, ...change });
  const [only] = map.slots as [Fields];
  const inSlot = (change: Fields): Uint8Array => changed({ slots: [{ ...only, ...change }] });
  const without = (key: string): Uint8Array =>
    fileOf(Object.fromEntries(Object.entries(map).filter(([k]) => k !== key)));
  const flipped = (at: number): Uint8Array => file.map((byte, index) => (index === at ? byte ^ 1 : byte));

  add("nothing", new Uint8Array(), damaged("magic"));
  add("a file of another kind", new TextEncoder().encode("age-encryption.org/v1\n"), damaged("magic"));
  add(
    "version 2",
    new Uint8Array([...new TextEncoder().encode("carekey-vault-v2"), ...file.slice(16)]),
    damaged("magic"),
  );
  add("the magic alone", file.slice(0, 16), damaged("checksum"));
  add("cut by a byte", file.slice(0, -1), damaged("checksum"));
  add("longer by a byte", new Uint8Array([...file, 0]), damaged("checksum"));
  add("a byte flipped in the middle", flipped(200), damaged("checksum"));
  add("a byte flipped in the checksum", flipped(file.length - 1), damaged("checksum"));
  const raw = (content: Uint8Array): Uint8Array => {
    const all = new Uint8Array([...new TextEncoder().encode("carekey-vault-v1"), ...content]);
    return new Uint8Array([...all, ...sha256(all)]);
  };
  add("no CBOR", raw(new Uint8Array([0xff])), damaged("encoding"));
  add("two CBOR values", raw(new Uint8Array([...dagCbor.encode(map), 0])), damaged("encoding"));
  add("an integer longer than it need be", raw(new Uint8Array([0x18, 0x01])), damaged("encoding"));
  add("a list", fileOf([]), field(""));
  for (const key of ["version", "chainId", "actor", "id", "generation", "slots", "salt", "body"])
    add(`without ${key}`, without(key), field(key));
  add("one key more", changed({ more: 1 }), field(""));
  add("a version that is none", changed({ version: 2 }), field("version"));
  add("a short actor", changed({ actor: new Uint8Array(19) }), field("actor"));
  add("a chain id below zero", changed({ chainId: -1 }), field("chainId"));
  add("no slot", changed({ slots: [] }), field("slots"));
  const many = Array.from({ length: 17 }, (_, at) => ({ ...only, id: new Uint8Array(8).fill(at) }));
  add("17 slots", changed({ slots: many }), field("slots"));
  add("two slots of one id", changed({ slots: [only, only] }), field("slots"));
  add("an empty body", changed({ body: new Uint8Array() }), field("body"));
  add("a kind that is none", inSlot({ kind: "wallet-signature" }), field("slots.0.kind"));
  add("a short salt", inSlot({ salt: new Uint8Array(31) }), field("slots.0.salt"));
  add("a long wrapped key", inSlot({ wrapped: new Uint8Array(49) }), field("slots.0.wrapped"));
  add("a slot with one key more", inSlot({ hint: "my dog" }), field("slots.0"));

  const locked = methods.passphrase("refused passphrase", "right");
  const withPassphrase = vaultMap(vaultOf("refused passphrase", [locked]));
  const cost = (workFactor: unknown): Uint8Array => {
    const [first] = withPassphrase.slots as [Fields];
    return fileOf({ ...withPassphrase, slots: [{ ...first, workFactor }] });
  };
  for (const factor of [0, 14, 21, 63, 15.5, "15"])
    add(`work factor ${JSON.stringify(factor)}`, cost(factor), field("slots.0.workFactor"), locked.method);
  const [lockedSlot] = withPassphrase.slots as [Fields];
  const twice = [lockedSlot, { ...lockedSlot, id: new Uint8Array(8) }];
  add("two passphrases", fileOf({ ...withPassphrase, slots: twice }), field("slots"), locked.method);
  const wrong: Method = { kind: "passphrase", passphrase: "wrong" };
  add("a wrong passphrase", fileOf(withPassphrase), { code: "PASSPHRASE_WRONG" }, wrong);
  add(
    "a passphrase in another case",
    fileOf(withPassphrase),
    { code: "PASSPHRASE_WRONG" },
    { ...wrong, passphrase: "Right" },
  );
  add("no such slot", fileOf(withPassphrase), { code: "SLOT_UNKNOWN", details: { kind: "recovery-code" } });
  const foreign: Method = { kind: "recovery-code", words: code("another").words };
  add("another code", file, { code: "VAULT_KEY_WRONG", details: { kind: "recovery-code" } }, foreign);
  const device = methods.passkey("refused passkey");
  const withPasskey = fileOf(vaultMap(vaultOf("refused passkey", [device])));
  const answers: Method = { kind: "passkey", prf: [hex(fixed("another PRF 1")), hex(fixed("another PRF 2"))] };
  add("another passkey", withPasskey, { code: "VAULT_KEY_WRONG", details: { kind: "passkey" } }, answers);

  const moved: Refusal = { code: "VAULT_KEY_WRONG" };
  add("a slot of another chain", changed({ chainId: 1 }), moved);
  add("a slot of another actor", changed({ actor: fixed("another actor", 20) }), moved);
  add("a slot of another vault", changed({ id: fixed("another vault", 16) }), moved);
  add("a slot with another id", inSlot({ id: new Uint8Array(8) }), moved);
  add("a slot with another salt", inSlot({ salt: new Uint8Array(32) }), moved);
  add("another generation", changed({ generation: 2 }), damaged("body"));
  add("another salt of the body", changed({ salt: new Uint8Array(32) }), damaged("body"));
  add("another vault's body", changed({ body: vaultMap(vaultOf("other", [slot])).body }), damaged("body"));
  const two = vaultMap(vaultOf("refused", [slot, methods.code("second")]));
  add("a slot dropped", fileOf({ ...two, slots: [(two.slots as Fields[])[0]] }), damaged("body"));
  add("slots in another order", fileOf({ ...two, slots: [...(two.slots as Fields[])].reverse() }), damaged("body"));
  const kept = (identities: PlainVault["identities"]): Uint8Array => fileOf(vaultMap({ ...vault, identities }));
  const secret = fixed("key");
  add("no identity", kept([]), damaged("body"));
  add("versions that go down", kept([2, 1].map((version) => ({ version, secret }))), damaged("body"));
  add("version 0", kept([{ version: 0, secret }]), damaged("body"));
  add("a short identity", kept([{ version: 1, secret: secret.slice(1) }]), damaged("body"));
  add("a short wallet key", fileOf(vaultMap({ ...vault, wallet: new Uint8Array(31) })), damaged("body"));
  return list;
}

function codes() {
  const invalid = (reason: string, more: Refusal["details"] = {}): Refusal => ({
    ...{ code: "RECOVERY_CODE_INVALID", details: { reason, ...more } },
  });
  const { entropy, words } = code("codes");
  const list = words.split(" ");
  const at = (position: number, word: string): string =>
    list.map((each, i) => (i === position - 1 ? word : each)).join(" ");
  const valid = [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(32).fill(0x80), fixed("a code")].map(
    (bytes) => ({ text: entropyToMnemonic(bytes, wordlist), entropy: hex(bytes) }),
  );
  return [
    ...valid,
    { text: words.toUpperCase(), entropy: hex(entropy) },
    { text: list.map((word, i) => `${i + 1}. ${word}`).join("\n"), entropy: hex(entropy) },
    { text: `\t${list.join(", ")}.\r\n`, entropy: hex(entropy) },
    { text: at(1, "abandonn"), refusal: invalid("word", { position: 1 }) },
    { text: at(24, "zo"), refusal: invalid("word", { position: 24 }) },
    { text: at(12, "wörter"), refusal: invalid("word", { position: 12 }) },
    { text: "", refusal: invalid("count", { words: 0 }) },
    { text: list.slice(0, 12).join(" "), refusal: invalid("count", { words: 12 }) },
    { text: list.slice(1).join(" "), refusal: invalid("count", { words: 23 }) },
    { text: `${words} zoo`, refusal: invalid("count", { words: 25 }) },
    { text: [...list.slice(1), list[0]].join(" "), refusal: invalid("checksum") },
    { text: Array(24).fill("abandon").join(" "), refusal: invalid("checksum") },
    { text: Array(24).fill("zoo").join(" "), refusal: invalid("checksum") },
  ];
}

const people = Array.from({ length: 5 }, (_, at) => fixed(`guardian ${at + 1}`));

/** A vault that `count` guardians open, `threshold` together. */
function group(name: string, count: number, threshold: number) {
  const secret = fixed(`${name}: secret`);
  const coefficients = Array.from({ length: threshold - 1 }, (_, at) => fixed(`${name}: coefficient ${at + 1}`));
  const base = named(name, "guardians");
  const id = fixed(`${name}: vault`, 16);
  const kept = people.slice(0, count).map((identity, at) => {
    const index = at + 1;
    // x is any byte but zero, another for each
    const share = shareAt(secret, coefficients, (37 * index + 11) % 255 || 255);
    const map = {
      version: 1,
      chainId,
      actor,
      vault: id,
      slot: base.id,
      index,
      recipient: sha256(recipientOf(identity)),
      share,
    };
    const commitment = sha256(new TextEncoder().encode("carekey/v1/share"), id, base.id, Uint8Array.of(index), share);
    return {
      identity,
      map,
      commitment,
      sealed: sealAge(dagCbor.encode(map), recipientOf(identity), `${name}: share ${index}`),
    };
  });
  const slot = { ...base, threshold, shares: kept.map(({ commitment, sealed }) => ({ commitment, sealed })) };
  const vault = vaultOf(name, [{ slot, slotKey: keyFor("guardians", secret, base.salt) }], { id });
  const recovery = fixed(`${name}: recovery key`);
  const key = recipientOf(recovery);
  const release = (index: number, change: Fields = {}, to = key, phrase = "release"): Uint8Array => {
    const map = { ...kept[index - 1]?.map, recipient: sha256(to), ...change };
    return sealAge(dagCbor.encode(map), to, `${name}: ${phrase} ${index}`);
  };
  return { name, count, threshold, secret, kept, slot, vault, recovery, release };
}

/** All of shares.json. */
export function shareVectors() {
  const groups = [group("two of two", 2, 2), group("two of three", 3, 2), group("three of five", 5, 3)];
  const described = groups.map(({ name, threshold, secret, kept, slot, vault, recovery, release }) => ({
    ...{ name, threshold, vault: hex(fileOf(vaultMap(vault))), slot: hex(slot.id), secret: hex(secret) },
    ...{ slotKey: hex(keyFor("guardians", secret, slot.salt)), recoverySecret: hex(recovery) },
    identity: hex(vault.identities[0]?.secret ?? new Uint8Array()),
    guardians: kept.map(({ identity, map, commitment }) => ({
      ...{ identitySecret: hex(identity), index: map.index, share: hex(map.share), commitment: hex(commitment) },
      ...{ plaintext: hex(dagCbor.encode(map)), released: hex(release(map.index)) },
    })),
  }));
  return { groups: described, combinations: combinations(), refusals: shareRefusals(), fingerprints: fingerprints() };
}

function combinations() {
  const of = (threshold: number, xs: readonly number[], size = 32) => {
    const phrase = `combination ${threshold} ${xs.join(" ")} ${size}`;
    const secret = fixed(phrase, size);
    const coefficients = Array.from({ length: threshold - 1 }, (_, at) => fixed(`${phrase}: ${at}`, size));
    return { threshold, shares: xs.map((x) => hex(shareAt(secret, coefficients, x))), secret: hex(secret) };
  };
  return [
    ...[of(2, [1, 2]), of(2, [2, 1]), of(2, [255, 254]), of(2, [1, 255]), of(3, [1, 2, 3]), of(3, [9, 200, 77])],
    ...[
      of(5, [5, 4, 3, 2, 1]),
      of(
        16,
        Array.from({ length: 16 }, (_, at) => at + 1),
      ),
      of(2, [128, 64]),
      of(2, [7, 8], 1),
    ],
  ];
}

function shareRefusals() {
  const place = group("refused shares", 3, 2);
  const { release, slot, vault, recovery } = place;
  const file = fileOf(vaultMap(vault));
  const list: { name: string; vault: string; shares: readonly string[]; refusal: Refusal }[] = [];
  const good = release(1);
  // files are many times the same: they stand once, under the name of the first refusal that uses them
  const files = new Map<string, string>();
  const nameOf = (bytes: Uint8Array, name: string): string => {
    const text = hex(bytes);
    if (!files.has(text)) files.set(text, name);
    return files.get(text) ?? name;
  };
  const add = (name: string, shares: readonly Uint8Array[], refusal: Refusal, bytes = file): void => {
    const names = shares.map((share, at) => nameOf(share, `share ${at + 1} of ${name}`));
    list.push({ name, vault: nameOf(bytes, `vault of ${name}`), shares: names, refusal });
  };
  const bad = (reason: string, share = 2): Refusal => ({ code: "SHARE_INVALID", details: { share, reason } });
  const few = (shares: number): Refusal => ({ code: "SHARES_MISSING", details: { shares, threshold: 2 } });
  add("no share", [], few(0));
  add("one of two", [good], few(1));
  add("the same twice", [good, release(1, {}, undefined, "again")], few(1));
  const changes: Record<string, Fields> = {
    chain: { chainId: 1 },
    actor: { actor: fixed("another actor", 20) },
    vault: { vault: fixed("another vault", 16) },
    slot: { slot: fixed("another slot", 8) },
    "recovery key": { recipient: fixed("another key") },
  };
  for (const [what, change] of Object.entries(changes))
    add(`for another ${what}`, [good, release(2, change, undefined, what)], bad("context"));
  add("in another's place", [good, release(2, { index: 3 }, undefined, "place")], bad("commitment"));
  add("past the last place", [good, release(2, { index: 4 }, undefined, "past")], bad("commitment"));
  add("altered", [good, release(2, { share: fixed("garbage", 33) }, undefined, "altered")], bad("commitment"));
  const x0 = new Uint8Array([...fixed("x zero"), 0]);
  add("at x = 0", [release(2, { share: x0 }, undefined, "x0"), good], bad("commitment", 1));
  const shapes: Record<string, Fields> = {
    "of version 2": { version: 2 },
    "of index 0": { index: 0 },
    "of index 17": { index: 17 },
    "a byte short": { share: fixed("short", 32) },
    "a byte long": { share: fixed("long", 34) },
    "with one key more": { name: "me" },
  };
  for (const [what, change] of Object.entries(shapes))
    add(what, [good, release(2, change, undefined, what)], bad("format"));
  add("sealed to somebody else", [good, release(2, {}, recipientOf(fixed("somebody else")))], bad("sealed"));
  add("cut", [good, release(2).slice(0, -1)], bad("sealed"));
  add("a byte flipped", [good, release(2).map((byte, at) => (at === 1700 ? byte ^ 1 : byte))], bad("sealed"));
  add("no age file", [good, new Uint8Array(100)], bad("sealed"));
  const first = place.kept[0];
  if (!first) throw new Error("no guardian");
  add("as the guardian keeps it", [first.sealed], bad("sealed", 1));
  const forwarded = sealAge(openAge(first.sealed, first.identity), recipientOf(recovery), "forwarded");
  add("forwarded as the guardian keeps it", [forwarded], bad("context", 1));
  const map = mapOf(file);
  const [only] = map.slots as [Fields];
  const changed = (change: Fields): Uint8Array => fileOf({ ...map, slots: [{ ...only, ...change }] });
  const both = [good, release(2)];
  const field = (name: string): Refusal => ({ code: "VAULT_DAMAGED", details: { reason: "field", field: name } });
  add("one is enough", both, field("slots.0.threshold"), changed({ threshold: 1 }));
  add("more are needed than there are", both, field("slots.0.threshold"), changed({ threshold: 4 }));
  add("one guardian", both, field("slots.0.shares"), changed({ shares: slot.shares.slice(0, 1) }));
  add("17 guardians", both, field("slots.0.shares"), changed({ shares: Array(17).fill(slot.shares[0]) }));
  const long = [{ ...slot.shares[0], sealed: new Uint8Array(8193) }, ...slot.shares.slice(1)];
  add("a sealed share that is too long", both, field("slots.0.shares.0.sealed"), changed({ shares: long }));
  const others = slot.shares.map((share, at) => (at === 1 ? { ...share, commitment: fixed("another") } : share));
  add("another commitment", both, bad("commitment"), changed({ shares: others }));
  const altered = { code: "VAULT_DAMAGED", details: { reason: "slot" } };
  const [, second] = place.kept;
  const sameX = new Uint8Array([...(second?.map.share.slice(0, 32) ?? []), first.map.share[32] ?? 0]);
  const label = new TextEncoder().encode("carekey/v1/share");
  const commitment = sha256(label, vault.id, first.map.slot, Uint8Array.of(2), sameX);
  const committed = slot.shares.map((share, at) => (at === 1 ? { ...share, commitment } : share));
  const twins = [good, release(2, { share: sameX }, undefined, "twin")];
  add("two true shares of one x", twins, altered, changed({ shares: committed }));
  add("true shares, another wrapped key", both, altered, changed({ wrapped: new Uint8Array(48) }));
  return {
    recoverySecret: hex(recovery),
    files: Object.fromEntries([...files].map(([text, name]) => [name, text])),
    list,
  };
}

function fingerprints() {
  return people.map((identity) => {
    const digest = sha256(recipientOf(identity));
    const bits = [...digest.subarray(0, 11)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const words = Array.from({ length: 8 }, (_, at) => wordlist[parseInt(bits.slice(11 * at, 11 * at + 11), 2)]);
    return { identitySecret: hex(identity), digest: hex(digest), words: words.join(" ") };
  });
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, vectors] of [
    ["vault.json", vaultVectors()],
    ["shares.json", shareVectors()],
  ] as const)
    await writeFile(new URL(name, import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
}
