import { expect } from "chai";
import { VoidSigner, type Wallet, getBytes, hexlify } from "ethers";

import { connectChain } from "../../../src/chain/connection.js";
import { pointVault, vaultOf, vaultsOf } from "../../../src/chain/keys.js";
import { identitySecret } from "../../../src/crypto/recipients.js";
import {
  type CareKey,
  type Hex32,
  Keyring,
  type OpeningMethod,
  connect,
  createPasskey,
  decodeVault,
  encodeRequest,
  fetchVault,
  requestFingerprint,
  generateIdentity,
  memoryStore,
  parseRequest,
  portableVault,
  publishVault,
  recipientOf,
  releaseShare,
  webauthnAuthenticator,
} from "../../../src/index.js";
import { cidOfDigest } from "../../../src/storage/verify.js";
import { toHex } from "../../../src/bytes.js";
import { SoftwareAuthenticator } from "../../helpers/authenticator.js";
import { type Actor, type Chart, Clinic, bytesOf, refused } from "../../helpers/clinic.js";

const passphrase = "a passphrase that is typed";
const workFactor = 15;

/** A patient with one record, whose keys lie in a vault. */
interface Lost {
  readonly chart: Chart;
  readonly recordId: Hex32;
  readonly keyring: Keyring;
  readonly address: string;
}

describe("recovery on a blank machine", function () {
  this.timeout(120_000);
  let clinic: Clinic;

  before(async () => {
    clinic = await Clinic.open();
  });
  after(() => clinic.close());

  const keyringOf = ({ own, wallet }: Actor): Keyring =>
    Keyring.create(
      { chainId: own.chain.chainId, actor: own.chain.address },
      { identities: [{ version: 1, identity: own.identities[0] }], wallet: getBytes(wallet.privateKey) },
    );

  async function patientWithRecord(): Promise<Lost> {
    const chart = await clinic.chart();
    const { recordId } = await clinic.share(chart);
    return { chart, recordId, keyring: keyringOf(chart.patient), address: chart.patient.address };
  }

  /** What a machine can do that knows an address, a deployment and a store: no wallet, no identity. */
  async function blank(address: string) {
    const { deployment, store } = clinic;
    const chain = await connectChain({ signer: new VoidSigner(address), provider: clinic.provider(), deployment });
    return { chain, store };
  }

  /** Opens the vault and is the patient again: reads the record, and signs a grant. */
  async function restored({ recordId, address }: Lost, file: Uint8Array, method: OpeningMethod): Promise<CareKey> {
    const owner = { chainId: clinic.deployment.chainId, actor: address };
    const { keyring } = await Keyring.open(file, method, { owner });
    const { Wallet } = await import("ethers");
    const signer = new Wallet(hexlify(keyring.wallet!));
    const { deployment, store } = clinic;
    const again = await connect({ signer, provider: clinic.provider(), deployment, store, identity: keyring.identity });
    expect(again.address).to.equal(address);
    const { parts } = await again.open(recordId);
    expect(await bytesOf(parts[0]!)).to.have.lengthOf(1000);
    await again.revoke(clinic.radiologist.address, (await again.shares()).grants[0]!.scope);
    return again;
  }

  it("works by the recovery code and the address alone", async () => {
    const lost = await patientWithRecord();
    const { words } = lost.keyring.addRecoveryCode();
    await lost.keyring.setPassphrase(passphrase, { workFactor });
    await lost.chart.patient.publishVault(lost.keyring.encode());
    const file = await fetchVault(await blank(lost.address), lost.address);
    await restored(lost, file, { kind: "recovery-code", words });
  });

  it("works by a passkey and the address alone", async () => {
    const lost = await patientWithRecord();
    const unplug = new SoftwareAuthenticator().plugIn();
    try {
      const authenticator = webauthnAuthenticator({ rpId: "carekey.example" });
      await lost.keyring.addPasskey(await createPasskey("CareKey", authenticator), authenticator);
      await lost.chart.patient.publishVault(lost.keyring.encode());
      const file = await fetchVault(await blank(lost.address), lost.address);
      await restored(lost, file, { kind: "passkey", authenticator });
    } finally {
      unplug();
    }
  });

  it("works by guardians and the address alone", async () => {
    const lost = await patientWithRecord();
    const guardians = await clinic.crowd(3);
    const recipients = guardians.map(({ own }) => own.recipient);
    await lost.keyring.addGuardians(recipients, 2);
    await lost.chart.patient.publishVault(lost.keyring.encode());

    const machine = await blank(lost.address);
    const file = await fetchVault(machine, lost.address);
    const vault = decodeVault(file);
    const identity = await generateIdentity();
    const name = { vault: toHex(vault.id), slot: toHex(vault.slots[0]!.id) };
    const recipient = await recipientOf(identity);
    const text = encodeRequest({ chainId: vault.chainId, actor: lost.address, ...name, recipient });

    const shares: Uint8Array[] = [];
    for (const guardian of guardians.slice(1)) {
      const request = parseRequest(text);
      expect(requestFingerprint(request.recipient)).to.equal(requestFingerprint(recipient));
      const found = decodeVault(await guardian.fetchVault(request.actor));
      const share = await releaseShare(found, request.slot, [guardian.own.identities[0]], request.recipient);
      shares.push(share.bytes);
    }
    await refused(Keyring.open(file, { kind: "guardians", shares: shares.slice(1), identity }), "SHARES_MISSING");
    await restored(lost, file, { kind: "guardians", shares, identity });
  });

  it("works by the passphrase and a copy of the vault's file", async () => {
    const lost = await patientWithRecord();
    await lost.keyring.setPassphrase(passphrase, { workFactor });
    await restored(lost, lost.keyring.encode(), { kind: "passphrase", passphrase });
    // which is not published: it could be guessed at for ever
    await refused(lost.chart.patient.publishVault(lost.keyring.encode()), "RECOVERY_MISSING", { slots: 1 });
    await refused(fetchVault(await blank(lost.address), lost.address), "VAULT_UNKNOWN", { actor: lost.address });
  });

  it("brings back old identities, which open what was theirs", async () => {
    const lost = await patientWithRecord();
    const newer = await generateIdentity();
    lost.keyring.addIdentity({ version: 2, identity: newer });
    const { words } = lost.keyring.addRecoveryCode();
    await lost.chart.patient.publishVault(lost.keyring.encode());
    const file = await fetchVault(await blank(lost.address), lost.address);
    const { keyring } = await Keyring.open(file, { kind: "recovery-code", words });
    expect(keyring.identities.map(({ version }) => version)).to.deep.equal([2, 1]);
    const old = keyring.identities.at(-1)!.identity;
    const again = await clinic.stranger(old);
    expect(again.own.recipient).to.equal(lost.chart.patient.own.recipient);
  });

  it("asks the wallet for no signature over data, on any way from a new vault to a recovered one", async () => {
    const lost = await patientWithRecord();
    const { words } = lost.keyring.addRecoveryCode();
    const asked: string[] = [];
    const { patient } = lost.chart;
    const watched = await clinic.again(patient, {
      signer: (signer) =>
        new Proxy(signer, {
          get(target, property) {
            if (property === "signMessage" || property === "signTypedData") asked.push(property);
            const value: unknown = Reflect.get(target, property);
            return typeof value === "function" ? (value.bind(target) as unknown) : value;
          },
        }),
    });
    await watched.publishVault(lost.keyring.encode());
    await Keyring.open(await watched.fetchVault(), { kind: "recovery-code", words });
    expect(asked).to.deep.equal([]);
    // nor does anything of the vault follow from the wallet: two of one wallet have nothing in common
    const [one, other] = [keyringOf(patient), keyringOf(patient)].map((keyring) => {
      keyring.addRecoveryCode();
      return decodeVault(keyring.encode());
    });
    expect(toHex(one!.id)).not.to.equal(toHex(other!.id));
    expect(toHex(one!.slots[0]!.wrapped)).not.to.equal(toHex(other!.slots[0]!.wrapped));
  });

  describe("finds the vault that was published", () => {
    const coded = async (): Promise<{ patient: Actor; keyring: Keyring; words: string }> => {
      const patient = await clinic.actor();
      const keyring = keyringOf(patient);
      return { patient, keyring, words: keyring.addRecoveryCode().words };
    };

    it("last, without its passphrase slot, and published once however often", async () => {
      const { patient, keyring } = await coded();
      await keyring.setPassphrase(passphrase, { workFactor });
      const first = await patient.publishVault(keyring.encode());
      expect(first.published).to.equal(true);
      const before = await clinic.traces();
      expect(await patient.publishVault(keyring.encode())).to.deep.equal({ ...first, published: false });
      await keyring.setPassphrase("another passphrase", { workFactor });
      expect(await patient.publishVault(keyring.encode())).to.deep.equal({ ...first, published: false });
      expect(await clinic.traces()).to.deep.equal(before);
      expect(toHex(await patient.fetchVault())).to.equal(toHex(portableVault(keyring.encode())));

      keyring.addRecoveryCode();
      const second = await patient.publishVault(keyring.encode());
      expect(second.digest).not.to.equal(first.digest);
      expect(toHex(await patient.fetchVault())).to.equal(toHex(portableVault(keyring.encode())));
    });

    it("and keeps the one before it, no older", async () => {
      const { patient, keyring } = await coded();
      const digests: string[] = [];
      for (let at = 0; at < 4; at++) {
        digests.push((await patient.publishVault(keyring.encode())).digest);
        keyring.addRecoveryCode();
      }
      expect(await vaultsOf(patient.chain, patient.address)).to.deep.equal(digests);
      const kept = await Promise.all(digests.map((digest) => clinic.store.has(cidOfDigest(getBytes(digest)))));
      expect(kept).to.deep.equal([false, false, true, true]);
    });

    it("again after its store lost the block", async () => {
      const { patient, keyring } = await coded();
      const { digest } = await patient.publishVault(keyring.encode());
      const cid = cidOfDigest(getBytes(digest));
      await clinic.store.unpin(cid);
      await clinic.store.delete(cid);
      await refused(patient.fetchVault(), "BLOCK_MISSING");
      await patient.publishVault(keyring.encode());
      await patient.fetchVault();
    });

    it("and no other actor's, whatever the chain points at", async () => {
      const { patient, keyring } = await coded();
      const [other, file] = [await clinic.actor(), keyring.encode()];
      await refused(other.publishVault(file), "VAULT_MISMATCH", { field: "actor" });
      const { digest } = await patient.publishVault(file);
      await pointVault(other.chain, digest);
      await refused(other.fetchVault(), "VAULT_MISMATCH", { field: "actor" });
      await refused(patient.publishVault(file.subarray(1)), "VAULT_DAMAGED", { reason: "magic" });
      await refused(patient.fetchVault("0x12"), "INVALID_ARGUMENT");
    });

    it("and never what a store gives in its place", async () => {
      const { patient, keyring } = await coded();
      const { digest } = await patient.publishVault(keyring.encode());
      const lying = memoryStore();
      const { chain } = patient;
      await refused(fetchVault({ chain, store: lying }, patient.address), "BLOCK_MISSING");
      const older = keyring.encode();
      keyring.addRecoveryCode();
      for (const file of [older.fill(0, 200, 210), portableVault(keyring.encode())]) {
        const altered = { ...lying, get: () => Promise.resolve(file) };
        await refused(fetchVault({ chain, store: altered }, patient.address), "BLOCK_INVALID", { reason: "hash" });
      }
      expect(await vaultOf(chain, patient.address)).to.equal(digest);
    });

    it("and is left as it was where storing fails", async () => {
      const { patient, keyring } = await coded();
      const { digest } = await patient.publishVault(keyring.encode());
      keyring.addRecoveryCode();
      const full = { ...memoryStore(), put: () => Promise.reject(new Error("full")) };
      const failure = await publishVault({ chain: patient.chain, store: full }, keyring.encode()).catch(
        (error: unknown) => error,
      );
      expect(failure).to.be.an("error");
      expect(await vaultOf(patient.chain, patient.address)).to.equal(digest);
      await patient.fetchVault();
    });
  });

  it("holds nothing in the clear that is secret", async () => {
    const lost = await patientWithRecord();
    const { words } = lost.keyring.addRecoveryCode();
    await lost.keyring.setPassphrase(passphrase, { workFactor });
    const text = Buffer.from(lost.keyring.encode()).toString("hex");
    const { wallet, own } = lost.chart.patient as Actor & { wallet: Wallet };
    for (const secret of [wallet.privateKey.slice(2), Buffer.from(identitySecret(own.identities[0])).toString("hex")])
      expect(text).not.to.include(secret);
    for (const secret of [passphrase, words]) expect(text).not.to.include(Buffer.from(secret).toString("hex"));
  });
});
