import { readFileSync } from "node:fs";

import { SignTypedDataVersion, TypedDataUtils } from "@metamask/eth-sig-util";
import { expect } from "chai";
import { TypedDataEncoder, type Wallet, hexlify } from "ethers";
import fc from "fast-check";

import type { Chain } from "../../../src/chain/connection.js";
import {
  type Action,
  type TypedData,
  actionOf,
  digestOf,
  sign,
  signerOf,
  typedData,
} from "../../../src/chain/signed/action.js";
import { submit } from "../../../src/chain/signed/submit.js";
import {
  type ActionType,
  type SignedMessages,
  actionTypes,
  registryOf,
  typesOf,
} from "../../../src/chain/signed/types.js";
import { stampDigestOf } from "../../../src/chain/stamps.js";
import { stampDigest, stampDomain } from "../../../src/crypto/stamp.js";
import { isCareKeyError } from "../../../src/errors.js";
import { loadFixture, registries, walletOf } from "../../helpers/chain.js";

const page = readFileSync(new URL("../../../docs/format.md", import.meta.url), "utf8");
const runs = { numRuns: 5, seed: 0xca4e };
const maxTime = 2 ** 40 - 1;

const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
const hex32 = fc.oneof(fc.constantFrom("0x" + "00".repeat(32), "0x" + "ff".repeat(32)), word);
const address = fc.oneof(
  fc.constantFrom("0x" + "00".repeat(20), "0x" + "ff".repeat(20)),
  word.map((bytes) => bytes.slice(0, 42)),
);

/** Any value of a field's type, the extremes among them. */
function anyOf(type: string, types: ReturnType<typeof typesOf>): fc.Arbitrary<unknown> {
  // the contract takes no empty list of revocations
  const minLength = type === "Revocation[]" ? 1 : 0;
  if (type.endsWith("[]")) return fc.array(anyOf(type.slice(0, -2), types), { minLength, maxLength: 5 });
  if (type in types) return anyStruct(type, types);
  if (type === "address") return address;
  if (type === "bytes32") return hex32;
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

/** What a contract says to a signed action: "done", or the name of its error. */
async function answer(chain: Chain, wallet: Wallet, action: Action, signed = action): Promise<string> {
  const { signature } = await sign(wallet, signed);
  try {
    await submit(chain, { ...action, signature });
    return "done";
  } catch (error) {
    if (isCareKeyError(error, "CONTRACT_REFUSED")) return String(error.details.error);
    throw error;
  }
}

describe("EIP-712 data", () => {
  /** An action of any message; by this signer and good for long where they are named. */
  function actionFrom(chain: Chain, type: ActionType, message: unknown, signer?: string): Action {
    const unsigned = actionOf(chain, type, message as SignedMessages[ActionType]);
    if (signer === undefined) return unsigned;
    const by = Object.entries(unsigned.message).find(([, value]) => value === signerOf(unsigned));
    return { ...unsigned, message: { ...unsigned.message, [by![0]]: signer, deadline: maxTime } };
  }

  it("has the types that docs/format.md tells", () => {
    const documented = [...page.matchAll(/^ {4}((\w+)\(.*\))$/gm)].map(([, type]) => type);
    const used = actionTypes.map((type) => TypedDataEncoder.from(typesOf(type)).encodeType(type));
    const stamp =
      "Stamp(address patient,bytes32 compartment,bytes32 content,bytes32 role,string statement,bytes32 previous,uint48 issuedAt)";
    expect(documented).to.have.members([...used, stamp]);
    expect(actionTypes).to.have.length(13);
  });

  it("has the domains of the contracts", async () => {
    const { patient } = await loadFixture(registries);
    for (const type of actionTypes) {
      const registry = registryOf(type);
      const told = await patient[registry === "ConsentRegistry" ? "consentRegistry" : "recordRegistry"].eip712Domain();
      const { domain } = typedData({ type, chainId: 31_337, contract: patient.addresses[registry] } as Action);
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
    it(`of ${type} has the same digest by ethers and by the library of wallets`, async () => {
      const { patient } = await loadFixture(registries);
      fc.assert(
        fc.property(anyStruct(type, typesOf(type)), (message) => {
          const action = actionFrom(patient, type, message);
          expect(digestOf(action)).to.equal(independent(typedData(action)));
        }),
        { ...runs, numRuns: 50 },
      );
    });
  }

  // these look at the signature before anything else, so that any message shows whether it is what was signed
  const signatureFirst = actionTypes.filter((type) => type !== "Grant" && type !== "Delegate");
  for (const type of signatureFirst) {
    it(`of ${type} is what the contract takes for signed, and with another value in any field it is not`, async () => {
      const { outsider } = await loadFixture(registries);
      const wallet = walletOf("patient");
      const samples = fc.sample(fc.tuple(anyStruct(type, typesOf(type)), anyStruct(type, typesOf(type))), runs);
      for (const [message, others] of samples) {
        const action = actionFrom(outsider, type, message, wallet.address);
        expect(await answer(outsider, wallet, action), JSON.stringify(action)).not.to.be.oneOf([
          "InvalidSignature",
          "SignatureExpired",
        ]);
        const other = actionFrom(outsider, type, others);
        for (const field of Object.keys(action.message)) {
          const value = field === "deadline" ? maxTime - 1 : other.message[field as keyof typeof other.message];
          if (JSON.stringify(value) === JSON.stringify(action.message[field as keyof typeof action.message])) continue;
          const altered = { ...action, message: { ...action.message, [field]: value } };
          // its author anchored that one before
          const expected = type === "Anchor" && field === "manifest" ? /InvalidSignature|done/ : /^InvalidSignature$/;
          expect(await answer(outsider, wallet, altered, action), field).to.match(expected);
        }
      }
    });
  }

  for (const type of ["Grant", "Delegate"] as const) {
    it(`of ${type} is what the contract takes for signed, and with another value in any field it is not`, async () => {
      const { outsider, now } = await loadFixture(registries);
      const wallet = walletOf("patient");
      const later = fc.oneof(fc.constant(maxTime), fc.integer({ min: now + 1000, max: maxTime }));
      const sensible = fc.record({
        ...{ patient: fc.constant(wallet.address), [type === "Grant" ? "grantee" : "delegate"]: word.map(asAddress) },
        ...{ scope: hex32, capsule: hex32, asOf: fc.constant(0), revision: fc.constant(1) },
        ...{ read: fc.constant(true), write: fc.boolean(), deny: fc.constant(false), manage: fc.boolean() },
        purposes: fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }).map(String),
        ...{ start: fc.integer({ min: 0, max: now + 999 }), longest: fc.integer({ min: 0, max: maxTime }) },
        ...{ end: later, deadline: later },
      });
      const names = (typesOf(type)[type] ?? []).map(({ name }) => name);
      const of = (values: Record<string, unknown>): Action =>
        actionFrom(outsider, type, Object.fromEntries(names.map((name) => [name, values[name]])));
      for (const [message, others] of fc.sample(fc.tuple(sensible, sensible), runs)) {
        const action = of(message);
        for (const field of names) {
          const altered = { ...message, [field]: others[field as keyof typeof others] };
          if (JSON.stringify(of(altered)) === JSON.stringify(action)) continue;
          expect(await answer(outsider, wallet, of(altered), action), field).to.equal("InvalidSignature");
        }
        expect(await answer(outsider, wallet, action)).to.equal("done");
        // once more: it stands already
        expect(await answer(outsider, wallet, action)).to.equal("done");
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

function asAddress(bytes: string): string {
  return `0x1${bytes.slice(3, 42)}`;
}
