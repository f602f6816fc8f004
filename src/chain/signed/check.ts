import { isHexString } from "ethers";

import { CareKeyError } from "../../errors.js";
import { checkAddress } from "../ids.js";
import { attachments } from "./forms.js";
import { type ActionType, type Attachments, type SignedMessages, fieldsOf, typesOf } from "./types.js";

/**
 * Makes sure that a value has exactly the fields of an action's type, each in its range; addresses get their checksum, hex its lower case.
 * @throws INVALID_ARGUMENT naming the field that is wrong
 */
export function checkMessage<Type extends ActionType>(type: Type, value: unknown): SignedMessages[Type] {
  return checkStruct(typesOf(type), type, value, "") as unknown as SignedMessages[Type];
}

/** The same for what an action of this type carries besides. */
export function checkAttached<Type extends keyof Attachments>(type: Type, value: unknown): Attachments[Type] {
  const types = { attached: fieldsOf(attachments[type]) };
  return checkStruct(types, "attached", value, "attached") as unknown as Attachments[Type];
}

/** True for a type whose actions carry something besides. */
export function isAttaching(type: ActionType): type is keyof Attachments {
  return type in attachments;
}

type Types = ReturnType<typeof typesOf>;

function checkStruct(types: Types, type: string, value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw wrong(path);
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  // Stryker disable next-line ArrayDeclaration: only types that are there are asked for
  const fields = types[type] ?? [];
  const extra = Object.keys(value).find((key) => !fields.some(({ name }) => name === key));
  if (extra !== undefined) throw wrong(at(extra));
  const given = value as Record<string, unknown>;
  return Object.fromEntries(
    fields.map((field) => [field.name, checkField(types, field.type, given[field.name], at(field.name))]),
  );
}

function checkField(types: Types, type: string, value: unknown, path: string): unknown {
  if (type.endsWith("[]")) {
    if (!Array.isArray(value)) throw wrong(path);
    return value.map((item, index) => checkField(types, type.slice(0, -2), item, `${path}.${index}`));
  }
  if (type in types) return checkStruct(types, type, value, path);
  if (type === "address" && typeof value === "string") return checkAddress(value, path);
  if (type === "bytes32" && isHexString(value, 32)) return value.toLowerCase();
  if (type === "bytes" && isHexString(value) && value.length % 2 === 0) return value.toLowerCase();
  if (type === "bool" && typeof value === "boolean") return value;
  if (type.startsWith("uint") && isUint(Number(type.slice(4)), value)) return value;
  throw wrong(path);
}

/** What JSON can hold as a number is one; a wider integer is a decimal text. */
function isUint(bits: number, value: unknown): boolean {
  if (bits <= 40) return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits;
  return typeof value === "string" && /^(0|[1-9]\d{0,77})$/.test(value) && BigInt(value) < 1n << BigInt(bits);
}

function wrong(path: string): CareKeyError {
  return new CareKeyError("INVALID_ARGUMENT", `The signed action's field ${JSON.stringify(path)} is missing or wrong`, {
    path,
  });
}
