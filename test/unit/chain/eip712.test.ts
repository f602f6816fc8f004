import { readFileSync, readdirSync } from "node:fs";

import { SignTypedDataVersion, TypedDataUtils } from "@metamask/eth-sig-util";
import { expect } from "chai";
import { TypedDataEncoder, type Wallet, hexlify, verifyTypedData } from "ethers";
import fc from "fast-check";

import type { Chain } from "../../../src/chain/connection.js";
import { lockdown, stateOf } from "../../../src/chain/consent.js";
import { createGroup } from "../../../src/chain/groups.js";
import {
  type Action,
  type TypedData,
  actionAt,
  digestOf,
  signerOf,
  typedData,
} from "../../../src/chain/signed/action.js";
import { submit } from "../../../src/chain/signed/submit.js";
import {
  type ActionType,
  type SignedMessages,
  actionTypes,
  contractOf,
  typesOf,
} from "../../../src/chain/signed/types.js";
import { stampDigestOf } from "../../../src/chain/stamps.js";
import { Group__factory } from "../../../src/chain/typechain/index.js";
import { stampDigest, stampDomain } from "../../../src/crypto/stamp.js";
import { isCareKeyError } from "../../../src/errors.js";
import { loadFixture, registries, walletOf } from "../../helpers/chain.js";

const page = readFileSync(new URL("../../../docs/format.md", import.meta.url), "utf8");
const folder = new URL("../../../contracts/types/", import.meta.url);
const runs = { numRuns: 5, seed: 0xca4e };
const maxTime = 2 ** 40 - 1;
const wallet = walletOf("patient");
const stampType =
  "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)";

const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
const hex32 = fc.oneof(fc.constantFrom("0x" + "00".repeat(32), "0x" + "ff".repeat(32)), word);
const address = fc.oneof(
  fc.constantFrom("0x" + "00".repeat(20), "0x" + "ff".repeat(20)),
  word.map((bytes) => bytes.slice(0, 42)),
);

/** Any value of a field's type, the extremes among them. */
function anyOf(type: string, types: ReturnType<typeof typesOf>): fc.Arbitrary<unknown> {
  // the contracts take no empty lists
  if (type.endsWith("[]")) return fc.array(anyOf(type.slice(0, -2), types), { minLength: 1, maxLength: 5 });
  if (type in types) return anyStruct(type, types);
  if (type === "address") return address;
  if (type === "bytes32") return hex32;
  if (type === "bytes") return fc.uint8Array({ maxLength: 100 }).map((bytes) => hexlify(bytes));
  if (type === "bool") return fc.boolean();
  const bits = Number(type.slice(4));
  if (bits <= 40) return fc.oneof(fc.constantFrom(0, 2 ** bits - 1), fc.integer({ min: 0, max: 2 ** bits - 1 }));
  const max = (1n << BigInt(bits)) - 1n;
  return fc.oneof(fc.constantFrom(0n, max), fc.bigInt({ min: 0n, max })).map(String);
}

function anyStruct(type: string, types: ReturnType<typeof typesOf>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries((types[type] ?? []).map((field) => [field.name, anyOf(field.type, types)])), {
    noNullPrototype: true,
  });
}

/** The digest by the library that wallets use. */
function independent({ domain, types, primaryType, message }: TypedData): string {
  const fields = ["name", "version", "chainId", "verifyingContract"] as const;
  const of = { name: "string", version: "string", chainId: "uint256", verifyingContract: "address" };
  const data = {
    types: { ...types, EIP712Domain: fields.map((name) => ({ name, type: of[name] })) },
    primaryType,
    domain,
    message,
  };
  const hash = TypedDataUtils.eip712Hash(
    data as unknown as Parameters<typeof TypedDataUtils.eip712Hash>[0],
    SignTypedDataVersion.V4,
  );
  return hexlify(hash);
}

/** A patient of another era and stand than the first, who manages a group. */
async function people() {
  const context = await registries();
  await lockdown(context.patient);
  return { ...context, group: await createGroup(context.patient) };
}

type People = Awaited<ReturnType<typeof people>>;

/** An action of any message, of the contract that takes it. */
function actionFrom({ outsider, group }: People, type: ActionType, message: unknown): Action {
  const taker = contractOf(type);
  const contract = taker === "Group" ? group : outsider.addresses[taker];
  return actionAt(contract, outsider.chainId, type, message as SignedMessages[ActionType]);
}

/** The first field of a form. */
const firstOf = (type: ActionType) => typesOf(type)[type]![0]!;

/** What the contract looks at before the signature, as it has to be: then any other message shows whether it is what was signed. */
async function fitting({ outsider }: People, type: ActionType): Promise<Record<string, unknown>> {
  const { era, stand } = await stateOf(outsider, wallet.address);
  const opening = { era, stand: stand.toString() };
  const first = { Point: { number: 1 }, Publish: { version: 1 }, PointVault: { number: 1 } };
  const managing = { SetManager: { number: 0 }, SetMembers: { number: 0 } };
  const openings = { Grant: opening, Lift: opening, Delegate: opening, GrantFor: opening };
  const named: Partial<Record<ActionType, object>> = { ...first, ...managing, ...openings };
  return { ...named[type], [firstOf(type).name]: wallet.address, deadline: maxTime };
}

const attached = {
  ClaimLeaf: { proof: [] },
  Withdraw: {
    scope: hexlify(new Uint8Array(32)),
    role: hexlify(new Uint8Array(32)),
    read: true,
    write: false,
    purposes: "1",
    end: 1,
  },
};

/** What a contract says to an action with somebody's signature of perhaps another: "done", or the name of its error. */
async function answer(chain: Chain, by: Wallet, action: Action, signed = action): Promise<string> {
  const { domain, types, message } = typedData(signed);
  const signature = await by.signTypedData(domain, types, message);
  const besides = action.type in attached ? { attached: attached[action.type as keyof typeof attached] } : {};
  try {
    await submit(chain, { ...action, ...besides, signature });
    return "done";
  } catch (error) {
    if (isCareKeyError(error, "CONTRACT_REFUSED")) return String(error.details.error);
    throw error;
  }
}

describe("EIP-712 data", () => {
  const used = actionTypes.map((type) => TypedDataEncoder.from(typesOf(type)).encodeType(type));

  it("has the types that docs/format.md tells", () => {
    const documented = [...page.matchAll(/^ {4}((\w+)\(.*\))$/gm)].map(([, type]) => type);
    expect(documented).to.have.members([...used, stampType]);
    expect(actionTypes).to.have.length(30);
  });

  it("has the types of the contracts, and each names its signer first", () => {
    const sources = readdirSync(folder).filter((name) => name.endsWith("Forms.sol"));
    const texts = sources.map((name) => readFileSync(new URL(name, folder), "utf8"));
    const hashed = texts.flatMap((text) => [...text.matchAll(/keccak256\(\s*"([^"]+)"\s*\)/g)].map(([, type]) => type));
    // a struct within another
    const own = hashed.filter((type) => !type?.startsWith("GrantKey("));
    expect(own).to.have.members([...used, stampType]);
    for (const type of actionTypes) {
      expect(firstOf(type), type).to.deep.include({ type: "address" });
      expect(firstOf(type).name, type).to.be.oneOf([
        ...["patient", "delegate", "by", "requester", "author", "operator", "signer", "actor", "manager", "member"],
      ]);
    }
  });

  it("has the domains of the contracts", async () => {
    const context = await loadFixture(people);
    const { patient, group } = context;
    const takers = {
      ConsentRegistry: patient.consentRegistry,
      Announcements: patient.announcements,
      RecordRegistry: patient.recordRegistry,
      KeyRegistry: patient.keyRegistry,
      GroupFactory: patient.groupFactory,
      Group: Group__factory.connect(group, patient.provider),
    };
    for (const type of actionTypes) {
      const taker = contractOf(type);
      const told = await takers[taker].eip712Domain();
      const contract = taker === "Group" ? group : patient.addresses[taker];
      const { domain } = typedData({ type, chainId: 31_337, contract } as Action);
      expect(domain).to.deep.equal({
        name: told.name,
        version: told.version,
        chainId: Number(told.chainId),
        verifyingContract: told.verifyingContract,
      });
      expect([told.fields, told.salt, [...told.extensions]]).to.deep.equal(["0x0f", "0x" + "00".repeat(32), []]);
    }
  });

  for (const type of actionTypes) {
    it(`of ${type} has the same digest by ethers and by the library of wallets, and its signer's signature`, async () => {
      const context = await loadFixture(people);
      await fc.assert(
        fc.asyncProperty(anyStruct(type, typesOf(type)), async (message) => {
          const any = actionFrom(context, type, message);
          expect(digestOf(any)).to.equal(independent(typedData(any)));
          const own = actionFrom(context, type, { ...message, [firstOf(type).name]: wallet.address });
          const { domain, types, message: shown } = typedData(own);
          const signature = await wallet.signTypedData(domain, types, shown);
          expect(verifyTypedData(domain, types, shown, signature)).to.equal(signerOf(own));
        }),
        { ...runs, numRuns: 20 },
      );
    });

    it(`of ${type} is what the contract takes for signed, and with another value in any field it is not`, async () => {
      const samples = fc.sample(fc.tuple(anyStruct(type, typesOf(type)), anyStruct(type, typesOf(type))), runs);
      for (const [message, others] of samples) {
        const context = await loadFixture(people);
        const { outsider } = context;
        const action = actionFrom(context, type, { ...message, ...(await fitting(context, type)) });
        const given = action.message as Readonly<Record<string, unknown>>;
        for (const field of Object.keys(given)) {
          const other = typeof given[field] === "boolean" ? !given[field] : others[field];
          const signed = actionFrom(context, type, { ...given, [field]: other });
          if (digestOf(signed) === digestOf(action)) continue;
          expect(await answer(outsider, wallet, action, signed), field).to.equal("InvalidSignature");
        }
        const said = await answer(outsider, wallet, action);
        expect(said, JSON.stringify(action)).not.to.match(/^(InvalidSignature|SignatureExpired|Stale(?!Era$).*)$/);
      }
    });
  }

  it("of Stamp has the same digest by ethers, by the library of wallets and by the contract", async () => {
    const { patient } = await loadFixture(registries);
    const domain = stampDomain(patient.chainId, patient.addresses.RecordRegistry);
    const stamp = fc.record({
      ...{ patient: address, compartment: hex32, content: hex32, role: hex32, previous: hex32 },
      statement: fc.oneof(fc.constantFrom("", "authored"), fc.string({ unit: "grapheme" })),
      issuedAt: fc.oneof(fc.constantFrom(0, 2 ** 48 - 1), fc.integer({ min: 0, max: 2 ** 48 - 1 })),
    });
    const fields =
      "address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,";
    const types = {
      Stamp: `${fields}uint48 issuedAt`.split(",").map((field) => {
        const [type = "", name = ""] = field.split(" ");
        return { type, name };
      }),
    };
    for (const each of fc.sample(stamp, { ...runs, numRuns: 50 })) {
      const digest = stampDigest(domain, each);
      const data = { domain, types, primaryType: "Stamp", message: each } as unknown as TypedData;
      expect(digest).to.equal(independent(data));
      expect(digest).to.equal(await stampDigestOf(patient, each));
    }
  });
});
