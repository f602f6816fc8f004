// SPDX-License-Identifier: Apache-2.0
/** Measures anchors, corrections, roots and stamps, and the questions about a record. */
import { ZeroHash, concat, encodeBytes32String, keccak256 } from "ethers";

import { StandardMerkleTree } from "@openzeppelin/merkle-tree";

import { END, GROUP, READ, type Stage, WRITE, free, label, terms, word } from "./stage.js";

const compartment = label("compartment");
const content = word("content");
const manifest = word("manifest");
const reason = encodeBytes32String("mistaken identity");
const purpose = 1n << 9n;

/** Somebody who may add records to the compartment of somebody, both new. */
async function pair(stage: Stage, name: string) {
  const [owner, author] = [stage.actor(`owner, ${name}`), stage.actor(`author, ${name}`)];
  const writing = terms(WRITE, { purposes: 0n });
  await stage.send(stage.consent.connect(owner).grant(author, compartment, writing, ZeroHash, free));
  return { owner, author, place: { patient: owner.address, compartment, content } };
}

export async function measureAnchors(stage: Stage): Promise<void> {
  const { records, send } = stage;
  const by = (relayer: string) => records.connect(stage.actor(`relayer of ${relayer}`));
  const entries = Array.from({ length: 100 }, (_, i) => ({
    content: word(`content ${i}`),
    manifest: word(`manifest ${i}`),
  }));

  const { owner, author } = await pair(stage, "one");
  await send(records.connect(author).anchor(owner, compartment, content, manifest, free), "anchor");
  await send(records.connect(author).point(owner, compartment, content, word("newer manifest"), free), "point");
  await send(records.connect(author).point(owner, compartment, content, word("newest manifest"), free), "pointAgain");

  const signing = await pair(stage, "signed");
  const record = { author: signing.author.address, ...signing.place, manifest };
  const one = await stage.signRecord(signing.author, "Anchor", record);
  await send(by("an anchor").anchorBySig({ ...record, deadline: one.deadline }, one.signature, free), "anchorBySig");

  const many = await pair(stage, "many");
  await send(records.connect(many.author).anchorMany(many.owner, compartment, entries, free), "anchorMany100Each", 100);
  const pointers = entries.map((entry, i) => ({ ...entry, compartment, manifest: word(`newer manifest ${i}`) }));
  await send(records.connect(many.author).pointMany(many.owner, pointers, free), "pointMany100Each", 100);

  const manySigned = await pair(stage, "many, signed");
  const common = { author: manySigned.author.address, patient: manySigned.owner.address, compartment };
  const signed = await Promise.all(
    entries.map(async (entry) => {
      const { deadline, signature } = await stage.signRecord(manySigned.author, "Anchor", { ...common, ...entry });
      return { entry: { ...entry, deadline }, signature };
    }),
  );
  const list = concat(signed.flatMap(({ signature }) => ["0x0041", signature]));
  await send(
    by("anchors").anchorManyBySig(
      manySigned.author,
      manySigned.owner,
      compartment,
      signed.map(({ entry }) => entry),
      list,
      free,
    ),
    "anchorManyBySig100Each",
    100,
  );
}

export async function measureCorrections(stage: Stage): Promise<void> {
  const { records, send } = stage;
  const by = (relayer: string) => records.connect(stage.actor(`relayer of ${relayer}`));
  const { owner, author, place } = await pair(stage, "corrected");
  const newContent = word("new content");
  await send(records.connect(author).anchor(owner, compartment, content, manifest, free));
  await send(records.connect(author).amend({ ...place, newContent, manifest, reason }, free), "amend");
  await send(records.connect(author).retract(owner, compartment, newContent, reason, free), "retract");
  await send(records.connect(owner).requestErasure(compartment, content, free), "requestErasure");
  const erased = { ...place, content: newContent };
  const demand = await stage.signRecord(owner, "Erasure", { ...erased, era: 0n });
  await send(
    by("a demand").requestErasureBySig({ ...erased, era: 0n, deadline: demand.deadline }, demand.signature, free),
    "requestErasureBySig",
  );

  const role = encodeBytes32String("storage");
  const operators = [stage.actor("operator"), stage.actor("another operator")] as const;
  for (const operator of operators) {
    await send(stage.credentials.connect(stage.actor("issuer")).issue(operator, role, END, free));
  }
  await send(records.connect(operators[0]).attestErasure(owner, compartment, content, role, 0, free), "attestErasure");
  const receipt = { operator: operators[1].address, ...place, role, credential: 0n };
  const { deadline, signature } = await stage.signRecord(operators[1], "ErasureReceipt", receipt);
  await send(by("a receipt").attestErasureBySig(receipt, deadline, signature, free), "attestErasureBySig");
}

export async function measureRoots(stage: Stage): Promise<void> {
  const { records, send } = stage;
  const { author, place } = await pair(stage, "of a root");
  const recordId = await records.recordIdOf(place.patient, compartment, content);
  // 10,000 records have a tree of depth 14
  const proof = Array.from({ length: 14 }, (_, i) => word(`sibling ${i}`));
  const root = proof.reduce(
    (node, sibling) => keccak256(node < sibling ? concat([node, sibling]) : concat([sibling, node])),
    keccak256(keccak256(recordId)),
  );
  await send(records.connect(author).anchorRoot(root, 10_000, word("leaves"), free), "anchorRoot10000");
  const { verifyAnchored, claimLeaf } = records.connect(author);
  await stage.ask(await verifyAnchored.populateTransaction(author, root, proof, place), "verifyAnchoredDepth14");
  await send(claimLeaf(root, proof, place, manifest, free), "claimLeafDepth14");

  const indexed = await pair(stage, "of an index");
  const { anchorIndex } = records.connect(indexed.author);
  await send(
    anchorIndex(indexed.owner, compartment, content, manifest, word("root of an index"), 1000, free),
    "anchorIndex",
  );

  const { owner, author: importer } = await pair(stage, "of many leaves");
  const entries = Array.from({ length: 100 }, (_, i) => ({
    content: word(`leaf ${i}`),
    manifest: word(`manifest of leaf ${i}`),
  }));
  const ids = new Map<string, (typeof entries)[number]>();
  for (const entry of entries) ids.set(await records.recordIdOf(owner, compartment, entry.content), entry);
  const tree = StandardMerkleTree.of(
    [...ids.keys()].map((id) => [id]),
    ["bytes32"],
  );
  await send(records.connect(importer).anchorRoot(tree.root, 100, word("leaves of an import"), free));
  const { leaves, proof: hashes, proofFlags } = tree.getMultiProof([...ids.keys()].map((id) => [id]));
  const claimed = leaves.map(([id = ""]) => ids.get(id)).filter((entry) => entry !== undefined);
  await send(
    records.connect(importer).claimLeaves(importer, owner, compartment, tree.root, claimed, hashes, proofFlags, free),
    "claimLeaves100Each",
    100,
  );
}

export async function measureStamps(stage: Stage): Promise<void> {
  const { records, send } = stage;
  const { owner, author, place } = await pair(stage, "stamped");
  const role = encodeBytes32String("practitioner");
  await send(stage.credentials.connect(stage.actor("issuer")).issue(author, role, END, free));
  await send(records.connect(author).anchor(owner, compartment, content, manifest, free));
  const { anchoredAt } = await records.anchorOf(await records.recordIdOf(owner, compartment, content));
  await send(records.connect(author).witness(word("digest of a stamp"), free), "witness");
  const stamp = { ...place, role, statement: "authored", previous: ZeroHash, issuedAt: Number(anchoredAt) };
  const signature = await stage.signStamp(author, stamp);
  const { verifyStamp } = records;
  await stage.ask(await verifyStamp.populateTransaction(stamp, author, 0, signature), "verifyStamp");
}

/** Questions that the grant on the record, the compartment or the chart answers. */
export async function measureQuestions(stage: Stage): Promise<void> {
  const { consent, records, send } = stage;
  const { owner, author } = await pair(stage, "asked about");
  const scopes = [await records.recordIdOf(owner, compartment, content), compartment, ZeroHash];
  for (const [i, scope] of scopes.entries()) {
    const reader = stage.actor(`asker ${i}`);
    await send(consent.connect(owner).grant(reader, scope, terms(READ), ZeroHash, free));
    const { canAccess } = consent;
    await stage.ask(
      await canAccess.populateTransaction(owner, reader, compartment, content, READ, purpose),
      `canAccess${i + 1}`,
    );
  }
  const { canWrite, canAccessAs } = consent;
  await stage.ask(await canWrite.populateTransaction(owner, author, compartment, ZeroHash), "canWrite");

  const { groups } = stage;
  const [manager, member] = [stage.actor("manager of readers"), stage.actor("member of readers")];
  const salt = word("readers");
  await send(groups.connect(manager).create(salt, free));
  const group = await groups.groupOf(manager, salt);
  await send(stage.groupAt(group, manager).setMembers([member], END, purpose, free));
  await send(consent.connect(owner).grant(group, compartment, terms(READ | GROUP), ZeroHash, free));
  await stage.ask(
    await canAccessAs.populateTransaction(group, member, owner, compartment, content, purpose),
    "canAccessAs",
  );
  const { canRead } = records;
  await send(records.connect(author).anchor(owner, compartment, content, manifest, free));
  const reader = stage.actor("asker 1");
  await stage.ask(await canRead.populateTransaction(owner, reader, compartment, content, purpose), "canRead");
}
