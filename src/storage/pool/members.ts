import type { CID } from "multiformats/cid";
import { CareKeyError } from "../../errors.js";
import type { StoreOptions } from "../types.js";
import { isDagPb } from "../verify.js";
import { gather, type Gathered, type Request } from "./gather.js";
import { NodeHealth, typicalTime } from "./health.js";
import { place, Spread } from "./placement.js";
import { copiesOf, nodesOf } from "./policy.js";
import { keyOfStripe, type Stripe } from "./stripes.js";
import type { Policy, PoolNode } from "./types.js";

/** The nodes of a pool with what is known of each, and where to look for what. */
export class Members {
  readonly nodes: readonly PoolNode[];
  readonly policy: Policy;
  readonly #healths: ReadonlyMap<PoolNode, NodeHealth>;

  constructor(
    nodes: readonly PoolNode[],
    policy: Policy,
    healths: ReadonlyMap<PoolNode, NodeHealth> = new Map(nodes.map((node) => [node, new NodeHealth(node)])),
  ) {
    this.nodes = nodes;
    this.policy = policy;
    this.#healths = healths;
  }

  /** The same nodes, and what is known of them, under another policy. */
  under(policy: Policy): Members {
    return new Members(this.nodes, policy, this.#healths);
  }

  healthOf(node: PoolNode): NodeHealth {
    const health = this.#healths.get(node);
    if (!health) throw new CareKeyError("INVALID_ARGUMENT", "The node is not of this pool");
    return health;
  }

  /** The nodes that keep whole copies of a block: all for a node of a file's tree, as many as the policy says for another. */
  holders(cid: CID, policy: Policy = this.policy): PoolNode[] {
    const allowed = nodesOf(this.nodes, policy);
    // small, and needed to find all that lies below
    return isDagPb(cid) ? allowed : place(allowed, cid.multihash.digest, copiesOf(policy), "copies");
  }

  /** Asks for one block, where it belongs first and then everywhere. */
  gatherBlock(cid: CID, options?: StoreOptions): Promise<Gathered> {
    return gather(this.#copies(cid), 1, typicalTime(this.#healths.values()), options);
  }

  /** Asks for fragments of a stripe, by their position, until `needed` have come. */
  gatherStripe(
    stripe: Stripe,
    options?: StoreOptions,
    needed = stripe.data.length,
    policy: Policy = this.policy,
  ): Promise<Gathered> {
    return gather(this.#fragments(stripe, policy), needed, typicalTime(this.#healths.values()), options);
  }

  *#copies(cid: CID): Generator<Request, void, undefined> {
    const holders = new Set(this.holders(cid));
    const all = this.nodes.map((node) => this.healthOf(node));
    const first = all.filter(({ node }) => holders.has(node));
    const requests = [...first.sort(byLoad), ...all.filter(({ node }) => !holders.has(node))].map((health) => {
      return { index: 0, cid, health, lastResort: !holders.has(health.node) };
    });
    const { probes, good, bad } = sorted(requests);
    yield* probes.filter(({ health }) => holders.has(health.node));
    yield* good;
    yield* probes.filter(({ health }) => !holders.has(health.node));
    yield* bad;
  }

  *#fragments(stripe: Stripe, policy: Policy): Generator<Request, void, undefined> {
    const spread = new Spread(nodesOf(this.nodes, policy), keyOfStripe(stripe), "fragments");
    const belongs = stripe.fragments.map(({ cid }, index): Request[] => {
      const node = spread.choose(index);
      return node ? [{ index, cid, health: this.healthOf(node) }] : [];
    });
    const isData = ({ index }: Request) => index < stripe.data.length;
    const { probes, good, bad } = sorted(belongs.flat());
    yield* probes;
    yield* good.filter(isData);
    yield* good.filter((request) => !isData(request)).sort((a, b) => byLoad(a.health, b.health));
    // what was put while its node was down lies elsewhere
    const elsewhere = stripe.fragments.flatMap(({ cid }, index) =>
      [...spread.rank(index), ...this.nodes.filter((node) => !nodesOf(this.nodes, policy).includes(node))]
        .filter((node) => belongs[index]?.[0]?.health.node !== node)
        .map((node) => ({ index, cid, health: this.healthOf(node), lastResort: true })),
    );
    const rest = sorted(elsewhere);
    yield* rest.good;
    yield* bad;
    yield* rest.probes;
    yield* rest.bad;
  }
}

/** Nodes that may be well again, those that are, and those to ask last. */
function sorted(requests: readonly Request[]): { probes: Request[]; good: Request[]; bad: Request[] } {
  const isBad = ({ health, cid }: Request) => health.avoided || health.isRotten(cid);
  const usable = requests.filter((request) => !isBad(request));
  return {
    probes: usable.filter(({ health }) => health.suspect),
    good: usable.filter(({ health }) => !health.suspect),
    bad: requests.filter(isBad).map((request) => ({ ...request, lastResort: true })),
  };
}

/** Who answers first, as far as is known; who never answered yet is tried. */
function byLoad(a: NodeHealth, b: NodeHealth): number {
  const expected = ({ average = 0, outstanding }: NodeHealth) => average * (outstanding + 1);
  return expected(a) - expected(b);
}
