import { StandardMerkleTree } from "@openzeppelin/merkle-tree";

import { CareKeyError } from "../errors.js";
import { type ItemOutcome, inBatches, outcomesOf } from "./batches.js";
import type { Chain } from "./connection.js";
import { type Hex32, checkAddress, isRecordId, recordIdOf } from "./ids.js";
import type { ReadingChain } from "./logs.js";
import type { Entry, RecordName } from "./records.js";
import { rootSlot } from "./slots.js";
import { type SendOptions, read, send } from "./transactions.js";
import { wordOf } from "./view.js";
import { timeOrNever } from "./word.js";

/** Very many records under one hash: OpenZeppelin's standard Merkle tree over their ids. */
export interface RecordTree {
  readonly root: Hex32;
  /** Number of records. */
  readonly count: number;
  /**
   * Hashes beside the path from a record to the root.
   * @throws RECORD_UNKNOWN for a record that is not in the tree
   */
  readonly proofOf: (recordId: Hex32) => Hex32[];
  /**
   * One proof for some records together.
   * @throws RECORD_UNKNOWN for a record that is not in the tree
   */
  readonly multiproofOf: (recordIds: readonly Hex32[]) => Multiproof;
}

/** What leads from several records to a root. */
export interface Multiproof {
  /** In the order in which the proof takes them. */
  readonly recordIds: readonly Hex32[];
  /** Hashes beside the paths. */
  readonly proof: readonly Hex32[];
  /** True where two known nodes meet, false where one meets a hash of the proof. */
  readonly flags: readonly boolean[];
}

/**
 * Builds the tree of some records; their order does not matter.
 * @throws INVALID_ARGUMENT for no record, one named twice, and what is no record id
 * @example const tree = recordTree(ids); await anchorRoot(chain, tree, leaves);
 */
export function recordTree(recordIds: readonly Hex32[]): RecordTree {
  const ids = recordIds.map((id) => id.toLowerCase());
  const wrong = ids.find((id) => !isRecordId(id));
  if (wrong !== undefined)
    throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(wrong)} is no record id (32 bytes, top bit set)`);
  const places = new Map(ids.map((id, place) => [id, place]));
  if (ids.length === 0 || places.size < ids.length)
    throw new CareKeyError("INVALID_ARGUMENT", "A tree needs at least one record, and each only once");
  const tree = StandardMerkleTree.of(
    ids.map((id) => [id]),
    ["bytes32"],
  );
  const placeIn = (recordId: Hex32): number => {
    const place = places.get(recordId.toLowerCase());
    if (place === undefined)
      throw new CareKeyError("RECORD_UNKNOWN", `The record ${recordId} is not in the tree`, { recordId });
    return place;
  };
  return {
    root: tree.root,
    count: ids.length,
    proofOf: (recordId) => tree.getProof(placeIn(recordId)),
    multiproofOf: (recordIds) => {
      const { leaves, proof, proofFlags: flags } = tree.getMultiProof(recordIds.map(placeIn));
      return { recordIds: leaves.flatMap(([id]) => id ?? []), proof, flags };
    },
  };
}

/**
 * Anchors all records of a tree at once: it proves that the caller knew of them now, and grants nothing.
 * @param leaves sha2-256 digest of the block that leads to the sealed list of record ids.
 * @throws CONTRACT_REFUSED (RootAlreadyAnchored)
 */
export async function anchorRoot(
  chain: Chain,
  { root, count }: Pick<RecordTree, "root" | "count">,
  leaves: Hex32,
): Promise<void> {
  await send(chain.provider, (fees) => chain.recordRegistry.anchorRoot(root, count, leaves, fees));
}

/**
 * Anchors an index record and the root of the records that it lists, in one transaction: for a reader of the index all of them are proven at once. The caller needs WRITE.
 * @param manifest sha2-256 digest of the index' manifest's block, which the root's event names, too.
 * @returns Hash of the transaction.
 * @throws CONTRACT_REFUSED (NotWriter, AlreadyAnchored, InvalidContent, InvalidManifest, RootAlreadyAnchored, InvalidRoot)
 */
export async function anchorIndex(
  chain: Chain,
  { patient, compartment, content }: RecordName,
  manifest: Hex32,
  { root, count }: Pick<RecordTree, "root" | "count">,
  options?: SendOptions,
): Promise<string> {
  const { hash } = await send(
    chain.provider,
    (fees) => chain.recordRegistry.anchorIndex(patient, compartment, content, manifest, root, count, fees),
    options,
  );
  return hash;
}

/** A record under a root, and the hashes that lead from it there. */
export interface Leaf extends RecordName {
  readonly root: Hex32;
  readonly proof: readonly Hex32[];
}

/**
 * Makes a record of the caller's root a record like any other, with the root's time. The caller needs WRITE.
 * @param manifest sha2-256 digest of the manifest's block.
 * @returns The record's id.
 * @throws CONTRACT_REFUSED (NotWriter, AlreadyAnchored, InvalidProof, InvalidContent, InvalidManifest)
 */
export async function claimLeaf(chain: Chain, leaf: Leaf, manifest: Hex32): Promise<Hex32> {
  const { root, proof, patient, compartment, content } = leaf;
  const name = { patient, compartment, content };
  await send(chain.provider, (fees) => chain.recordRegistry.claimLeaf(root, [...proof], name, manifest, fees));
  return recordIdOf(patient, compartment, content);
}

/** Longest list that {@link claimLeaves} carries in one call. */
const maxClaims = 100;

/**
 * Makes many records of one compartment under a root records like any other, 100 in one transaction. What is anchored already is left out, and the outcome says
 * so. The caller is the root's author, who needs WRITE, or the patient.
 * @param author Who anchored the root; the caller where omitted.
 * @throws RECORD_UNKNOWN for a record that is not in the tree, CONTRACT_REFUSED (NotWriter, NotAuthor, InvalidProof)
 * @example await claimLeaves(chain, tree, { patient, compartment }, [{ content, manifest }]);
 */
export async function claimLeaves(
  chain: Chain,
  tree: Pick<RecordTree, "root" | "multiproofOf">,
  { patient, compartment, author = chain.address }: Omit<RecordName, "content"> & { readonly author?: string },
  entries: readonly Entry[],
  size = maxClaims,
): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = [];
  for (const { first, items } of inBatches(entries, size, maxClaims)) {
    const ids = items.map(({ content }) => recordIdOf(patient, compartment, content));
    const { recordIds, proof, flags } = tree.multiproofOf(ids);
    // the contract takes them in the order of the proof
    const places = recordIds.map((id) => ids.indexOf(id));
    const ordered = places.flatMap((place) => items[place] ?? []);
    const receipt = await send(chain.provider, (fees) =>
      chain.recordRegistry.claimLeaves(author, patient, compartment, tree.root, ordered, [...proof], [...flags], fees),
    );
    const told = outcomesOf(receipt, chain.addresses.RecordRegistry, items.length);
    outcomes.push(...told.map((outcome) => ({ ...outcome, index: first + (places[outcome.index] ?? 0) })));
  }
  return outcomes.sort((a, b) => a.index - b.index);
}

/** When `author` anchored the record under this root, in seconds since 1970; undefined where the proof shows nothing. */
export async function verifyAnchored(chain: Chain, author: string, leaf: Leaf): Promise<number | undefined> {
  const { root, proof, patient, compartment, content } = leaf;
  const name = { patient, compartment, content };
  return timeOrNever(await read(chain.recordRegistry.verifyAnchored(author, root, [...proof], name)));
}

/** When `author` anchored the root, in seconds since 1970; undefined where it did not. */
export async function rootAnchoredAt(chain: ReadingChain, author: string, root: Hex32): Promise<number | undefined> {
  return timeOrNever(await wordOf(chain, rootSlot(checkAddress(author, "Author"), root)));
}
