import { createHash, randomBytes } from "node:crypto";

import { BrowserProvider, type Provider, type Signer, Wallet, hexlify } from "ethers";
import { network } from "hardhat";

import { deployOnce } from "../../deploy/deploy.js";
import type { CID } from "multiformats/cid";

import { chainTime, connectChain, presentTime } from "../../src/chain/connection.js";
import { sendGrant } from "../../src/chain/consent.js";
import { inboxSince } from "../../src/chain/inbox.js";
import { publishKey, publishedKey } from "../../src/chain/keys.js";
import type { RecordName } from "../../src/chain/records.js";
import { sealCapsule } from "../../src/record/capsule.js";
import { announce } from "../../src/record/deliver.js";
import { listBlocks } from "../../src/storage/unixfs/blocks.js";
import {
  type BlockStore,
  CareKey,
  type CareKeyError,
  type Deployment,
  type ErrorCode,
  type ErrorDetails,
  type GrantOptions,
  type Hex32,
  type OpenedPart,
  type Role,
  type Shared,
  type SharedMany,
  type Source,
  type Verify,
  bytesSource,
  connect,
  generateIdentity,
  isCareKeyError,
  memoryStore,
  randomLabel,
  recipientOf,
} from "../../src/index.js";
import type { Context } from "../../src/record/context.js";
import { type PinStore, memoryPins } from "../../src/record/pins.js";
import { defaultKeyWait } from "../../src/record/trust.js";
import { concat } from "../../src/bytes.js";
import { type WatchedStore, watched } from "./stores.js";

export const day = 24 * 60 * 60;

/** A question to the node, as EIP-1193 puts it. */
export interface Call {
  readonly method: string;
  readonly params?: unknown;
}

/** What an actor works with in place of the usual. */
export interface Gear {
  readonly store?: BlockStore;
  /** Stands between actor and node: calls `pass` or not, and answers what it likes. */
  readonly rpc?: (call: Call, pass: () => Promise<unknown>) => Promise<unknown>;
  readonly pins?: PinStore;
  readonly keyWait?: number;
  /** Newest first. */
  readonly identities?: Context["identities"];
  /** How what the chain says is checked; by proofs where omitted. */
  readonly verify?: Verify;
  /** Stands in for the actor's wallet. */
  readonly signer?: (wallet: Signer) => Signer;
}

/** Somebody's session, with what tests need to look behind it. */
export class Actor extends CareKey {
  constructor(
    readonly wallet: Wallet,
    readonly own: Context,
  ) {
    super(own);
  }
}

/** A patient with one compartment that the radiologist may add records to. */
export interface Chart {
  readonly patient: Actor;
  readonly label: Hex32;
}

/** A chain in this process with everything deployed, a store that all share, and the people of a clinic. No wallet holds ether. */
export class Clinic {
  hospital!: Actor;
  radiologist!: Actor;
  cardiologist!: Actor;
  researcher!: Actor;

  private constructor(
    private readonly connection: Awaited<ReturnType<typeof network.create>>,
    readonly deployment: Deployment,
    readonly store: WatchedStore,
  ) {}

  static async open(inner: BlockStore = memoryStore()): Promise<Clinic> {
    const connection = await network.create();
    const clinic = new Clinic(connection, await deployOnce(connection), watched(inner));
    const admin = await clinic.admin();
    clinic.hospital = await clinic.actor();
    for (const role of ["practitioner", "researcher", "storage"] as const) {
      await admin.accreditIssuer(clinic.hospital.address, role);
    }
    clinic.radiologist = await clinic.professional("practitioner");
    clinic.cardiologist = await clinic.professional("practitioner");
    clinic.researcher = await clinic.professional("researcher");
    return clinic;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The consortium's administrator: whoever deployed. */
  async admin(): Promise<CareKey> {
    const provider = this.provider();
    const { deployment, store } = this;
    const identity = await generateIdentity();
    return connect({ signer: await provider.getSigner(0), provider, deployment, store, identity });
  }

  /** Somebody new, with a published key. */
  async actor(): Promise<Actor> {
    const actor = await this.stranger();
    await actor.publishKey();
    return actor;
  }

  /** Somebody new whom the chain has never seen. */
  async stranger(identity?: string): Promise<Actor> {
    return this.session(new Wallet(hexlify(randomBytes(32))), [identity ?? (await generateIdentity())]);
  }

  /** Somebody new with a credential for ten years. */
  async professional(role: Role): Promise<Actor> {
    const actor = await this.actor();
    await this.hospital.issueCredential(actor.address, role, (await actor.now()) + 3650 * day);
    return actor;
  }

  /** The same actor with other gear. */
  again({ wallet, own: { identities, pins, keyWait } }: Actor, gear: Gear): Promise<Actor> {
    return this.session(wallet, identities, { pins, keyWait, ...gear });
  }

  /** A new patient who lets the radiologist add records to a new compartment. */
  async chart(): Promise<Chart> {
    const patient = await this.actor();
    return { patient, label: await this.compartment(patient) };
  }

  /** One more compartment of a patient that the radiologist may add records to. */
  async compartment(patient: Actor): Promise<Hex32> {
    const label = randomLabel();
    const end = (await patient.now()) + 900 * day;
    await patient.grant({ grantee: this.radiologist.address, scope: label, permissions: ["WRITE"], end });
    return label;
  }

  /** Some people with a published key each. */
  async crowd(size: number): Promise<Actor[]> {
    const people: Actor[] = [];
    for (let index = 0; index < size; index++) people.push(await this.actor());
    return people;
  }

  /** The radiologist adds a record. */
  share({ patient, label }: Chart, sources: readonly Source[] = [sample()]): Promise<Shared> {
    return this.radiologist.share(sources, { patient: patient.address, compartment: label, role: "practitioner" });
  }

  /** The radiologist, or somebody else who may, adds each source as a record of its own, all at once. */
  shareMany(
    { patient, label }: Chart,
    sources: readonly Source[] = [sample(), sample(), sample()],
    by = this.radiologist,
  ): Promise<SharedMany> {
    const records = sources.map((source, number) => ({ sources: [source], title: `Report ${number}` }));
    return by.shareMany(records, { patient: patient.address, compartment: label, role: "practitioner" });
  }

  /** The patient lets somebody read. */
  async grantRead(patient: Actor, grantee: CareKey, scope: Hex32, more: Partial<GrantOptions> = {}) {
    const end = (await patient.now()) + 30 * day;
    const terms = { permissions: ["READ"], purposes: ["TREAT"], end } as const;
    return patient.grant({ grantee: grantee.address, scope, ...terms, ...more });
  }

  /** Announces a key of one record as a writer may, true or false. */
  async announceKey(by: Actor, to: readonly Actor[], name: RecordName, key: Uint8Array): Promise<void> {
    const { patient, compartment, content } = name;
    const keys = await Promise.all(to.map(({ address }) => publishedKey(by.own.chain, address)));
    const capsule = { patient, compartments: [], records: [{ compartment, content, key }] };
    const block = await sealCapsule(
      by.own.chain,
      capsule,
      keys.filter((each) => each !== undefined),
    );
    await announce(by.own, { patient, compartment, grantees: to.map(({ address }) => address) }, block);
  }

  /** Lets somebody read by the chain's word, with no key. */
  async grantWithoutCapsule(patient: Actor, { address: grantee }: CareKey, scope: Hex32): Promise<void> {
    const start = await chainTime(patient.own.chain);
    const terms = { start, end: start + 30 * day, permissions: ["READ"], purposes: ["TREAT"] } as const;
    const grant = { grantee, scope, terms };
    await sendGrant(patient.own.chain, grant);
  }

  /** Digests of the capsules that were announced to somebody, newest first. */
  async announced(reader: Actor): Promise<Hex32[]> {
    const { items } = await inboxSince(reader.own.chain, reader.address);
    return items.flatMap(({ capsule }) => capsule ?? []).reverse();
  }

  /** Publishes any bytes as somebody's key. */
  async publishBytes({ own: { chain } }: Actor, bytes: Uint8Array): Promise<void> {
    await publishKey(chain, bytes);
  }

  /** The blocks of a part, the root last. */
  async blocksOf(root: CID): Promise<CID[]> {
    const blocks: CID[] = [];
    for await (const cid of listBlocks(root, this.store)) blocks.push(cid);
    return blocks;
  }

  /** All that could be seen of an action: number of blocks on chain, blocks and pins in the store. */
  async traces(): Promise<{ height: number; blocks: number; pins: number; digest: string }> {
    const { blocks, pins } = await this.store.content();
    const digest = createHash("sha256")
      .update([...blocks, ...pins].join())
      .digest("hex");
    return { height: await this.provider().getBlockNumber(), blocks: blocks.length, pins: pins.length, digest };
  }

  /** Lets the chain's clock run on from the present. */
  async pass(seconds: number): Promise<void> {
    const { time } = this.connection.networkHelpers;
    await time.increaseTo((await presentTime({ provider: this.provider() })) + seconds);
  }

  /** A provider of its own, as every actor has one. */
  provider(rpc?: Gear["rpc"]): BrowserProvider {
    const node = this.connection.provider;
    const request = ({ method, params }: Call): Promise<unknown> => {
      const pass = (): Promise<unknown> => node.request({ method, params: params as unknown[] });
      return rpc ? rpc({ method, params }, pass) : pass();
    };
    return new BrowserProvider({ request }, this.deployment.chainId, { cacheTimeout: -1, staticNetwork: true });
  }

  private async session(wallet: Wallet, identities: Context["identities"], gear: Gear = {}): Promise<Actor> {
    const { deployment } = this;
    const provider: Provider = this.provider(gear.rpc);
    const signer = gear.signer?.(wallet.connect(provider)) ?? wallet;
    const chain = await connectChain({ signer, provider, deployment, verify: gear.verify });
    const recipient = await recipientOf(gear.identities?.[0] ?? identities[0]);
    const { store = this.store, pins = memoryPins(), keyWait = defaultKeyWait } = gear;
    return new Actor(wallet, { chain, store, identities: gear.identities ?? identities, recipient, pins, keyWait });
  }
}

let samples = 0;

/** A small file that no test shared before. */
export function sample(size = 1000): Source {
  const bytes = new Uint8Array(size).fill(7);
  new DataView(bytes.buffer).setUint32(0, ++samples);
  return bytesSource(`sample-${samples}.bin`, bytes);
}

/** All bytes of a source or of a part. */
export async function bytesOf({ stream }: Pick<Source | OpenedPart, "stream">): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream()) chunks.push(chunk);
  return concat(chunks);
}

/** The error that `work` is refused with: its code has to be this one, and its details these among others. */
export async function refused(work: Promise<unknown>, code: ErrorCode, details: ErrorDetails = {}) {
  const error: CareKeyError = await work.then(
    () => {
      throw new Error(`should have been refused with ${code}`);
    },
    (thrown: unknown) => {
      if (isCareKeyError(thrown)) return thrown;
      throw thrown;
    },
  );
  const actual = Object.fromEntries(Object.keys(details).map((key) => [key, error.details[key]]));
  const isExpected = error.code === code && Object.entries(details).every(([key, value]) => actual[key] === value);
  if (isExpected) return error;
  throw new Error(`expected ${code} ${show(details)}, not ${error.code} ${show(error.details)}`, { cause: error });
}

/** Code of the refusal that `work` ends with; undefined where it ends well. */
export function codeOf(work: Promise<unknown>): Promise<ErrorCode | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => {
      if (isCareKeyError(error)) return error.code;
      throw error;
    },
  );
}

function show(details: ErrorDetails): string {
  return JSON.stringify(details, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
