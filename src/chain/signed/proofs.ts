import type { Chain } from "../connection.js";
import { type Hex32, checkAddress, checkLabel } from "../ids.js";
import type { Leaf, RecordTree } from "../roots.js";
import { type Action, actionOf } from "./action.js";
import { type SigningOptions, deadlineOf, orCaller } from "./basis.js";
import { checkAttached } from "./check.js";

/** Who signs for records: their author, who need not be the one who asks the chain. */
export interface ByAuthor extends SigningOptions {
  /** The caller where omitted. */
  readonly author?: string | undefined;
}

/**
 * The root of very many records for their author to sign.
 * @param leaves sha2-256 digest of the block that leads to the sealed list of record ids.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID
 * @example await prepareAnchorRoot(chain, recordTree(ids), leaves);
 */
export async function prepareAnchorRoot(
  chain: Chain,
  { root, count }: Pick<RecordTree, "root" | "count">,
  leaves: Hex32,
  options: ByAuthor = {},
): Promise<Action<"AnchorRoot">> {
  const author = orCaller(chain, options.author, "Author");
  return actionOf(chain, "AnchorRoot", { author, root, count, leaves, deadline: await deadlineOf(chain, options) });
}

/**
 * A record of an author's root for the author to sign. The proof goes along unsigned: the contract checks it.
 * @param manifest sha2-256 digest of the manifest's block.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID
 */
export async function prepareClaimLeaf(
  chain: Chain,
  leaf: Leaf,
  manifest: Hex32,
  options: ByAuthor = {},
): Promise<Action<"ClaimLeaf">> {
  const author = orCaller(chain, options.author, "Author");
  const { root, proof, content } = leaf;
  const name = { patient: checkAddress(leaf.patient, "Patient"), compartment: checkLabel(leaf.compartment), content };
  const deadline = await deadlineOf(chain, options);
  const action = actionOf(chain, "ClaimLeaf", { author, root, ...name, manifest, deadline });
  return { ...action, attached: checkAttached("ClaimLeaf", { proof: [...proof] }) };
}

/**
 * A witness of an e-stamp for its signer to sign: it proves the stamp's time, by the time at which it is carried.
 * @param digest EIP-712 digest of the stamp, from `stampDigestOf`.
 * @throws INVALID_ARGUMENT, PERIOD_INVALID
 */
export async function prepareWitness(
  chain: Chain,
  digest: Hex32,
  options: SigningOptions & { readonly signer?: string | undefined } = {},
): Promise<Action<"Witness">> {
  const signer = orCaller(chain, options.signer, "Signer");
  return actionOf(chain, "Witness", { signer, digest, deadline: await deadlineOf(chain, options) });
}
