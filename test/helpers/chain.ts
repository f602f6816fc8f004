import { BrowserProvider, Wallet, id, sha256, toBeHex, toUtf8Bytes } from "ethers";
import { network } from "hardhat";

import { deployOnce } from "../../deploy/deploy.js";
import { accreditIssuer } from "../../src/chain/accreditation.js";
import { forgetBlocks } from "../../src/chain/ask.js";
import { type Chain, type ChainOptions, chainTime, connectChain } from "../../src/chain/connection.js";
import { sendGrant } from "../../src/chain/consent.js";
import { issueCredential } from "../../src/chain/credentials.js";
import type { Hex32 } from "../../src/chain/ids.js";
import type { NewTerms } from "../../src/chain/terms.js";

/** One simulated chain for the tests of one run of the chain layer; {@link loadFixture} winds it back. */
const connection = await network.create();
export const { time } = connection.networkHelpers;
export const loadFixture = async <T>(make: () => Promise<T>): Promise<T> => {
  questions = 0;
  const made = await connection.networkHelpers.loadFixture(make);
  // no connection believes by itself that its chain was wound back
  for (const node of nodes) forgetBlocks(node);
  return made;
};

/** Every provider of the run. */
const nodes: BrowserProvider[] = [];

/** More than any test asks the node: code that would ask without end fails in time. */
const mostQuestions = 3000;
/** How many the running test has asked. */
let questions = 0;

export const day = 24 * 60 * 60;

/** What stands between an actor and the node: calls `pass` or not, and answers what it likes. */
export type Between = (method: string, pass: () => Promise<unknown>, params: unknown) => Promise<unknown>;

/** A provider of its own, as every actor has one. */
export function nodeFor(between?: Between): BrowserProvider {
  const request = ({ method, params }: { method: string; params?: unknown }): Promise<unknown> => {
    if (++questions > mostQuestions) return Promise.reject(new Error("asked without end"));
    const pass = (): Promise<unknown> => connection.provider.request({ method, params: params as unknown[] });
    return between ? between(method, pass, params) : pass();
  };
  const node = new BrowserProvider({ request }, 31_337, { cacheTimeout: -1, staticNetwork: true });
  nodes.push(node);
  return node;
}

/** Somebody's wallet, the same in every run; it holds no ether. */
export const walletOf = (name: string): Wallet => new Wallet(id(`wallet of ${name}`));

/** A digest, which may be a content, a manifest or a capsule. */
export const digest = (of: string): Hex32 => sha256(toUtf8Bytes(of));

/** A compartment's label, the same in every run. */
export const label = (of: string): Hex32 => toBeHex(BigInt.asUintN(255, BigInt(id(`label of ${of}`))), 32);

/** A chain with everything deployed, its administrator, an issuer for every role that tests need, and some people. */
export async function registries() {
  const deployment = await deployOnce(connection);
  const as = (name: string, between?: Between, more?: Pick<ChainOptions, "verify" | "witness">): Promise<Chain> =>
    connectChain({ signer: walletOf(name), provider: nodeFor(between), deployment, ...more });
  const node = nodeFor();
  const admin = await connectChain({ signer: await node.getSigner(0), provider: node, deployment });
  const [issuer, patient, doctor, nurse, carer, outsider, operator] = await Promise.all([
    ...[as("issuer"), as("patient"), as("doctor"), as("nurse"), as("carer"), as("outsider"), as("operator")],
  ]);
  if (!issuer || !patient || !doctor || !nurse || !carer || !outsider || !operator) throw new Error("too few people");
  const now = await chainTime(admin);
  const until = now + 3000 * day;
  for (const role of ["practitioner", "storage"] as const) await accreditIssuer(admin, issuer.address, role);
  await issueCredential(issuer, doctor.address, "practitioner", until);
  await issueCredential(issuer, operator.address, "storage", until);
  const people = { admin, issuer, patient, doctor, nurse, carer, outsider, operator };
  return { ...people, deployment, as, now, until, end: now + 30 * day };
}

/** A grant by a patient. */
export async function give(
  chain: Chain,
  grantee: Chain,
  scope: Hex32,
  terms: Pick<NewTerms, "permissions" | "end"> & Partial<NewTerms>,
): Promise<void> {
  const usual = { start: 0, purposes: terms.permissions.includes("READ") ? (["TREAT"] as const) : [] };
  await sendGrant(chain, { grantee: grantee.address, scope, terms: { ...usual, ...terms } });
}
