import type { TypedDataField } from "ethers";

import type { Hex32 } from "../ids.js";
import { type attachments, forms, structs } from "./forms.js";

type Forms = typeof forms;

/** A contract that takes signed actions, and so their EIP-712 domain. */
export type SigningContract = keyof Forms;

/** The kinds that a contract takes. */
export type TypesOf<Contract extends SigningContract> = Contract extends SigningContract
  ? keyof Forms[Contract]
  : never;

/** A kind of signed action: the name of its EIP-712 type. */
export type ActionType = TypesOf<SigningContract>;

/** How JSON holds the values of a message. */
interface Values {
  readonly address: string;
  readonly bytes32: Hex32;
  /** Hex. */
  readonly bytes: string;
  readonly bool: boolean;
  readonly uint16: number;
  readonly uint32: number;
  readonly uint40: number;
  /** Decimal text: JSON's numbers end before. */
  readonly uint56: string;
  readonly uint64: string;
  readonly uint256: string;
}

type Value<Type> = Type extends keyof Values
  ? Values[Type]
  : Type extends `${infer Item}[]`
    ? readonly Value<Item>[]
    : Type extends keyof typeof structs
      ? Message<(typeof structs)[Type]>
      : never;

type Fields<Definition> = Definition extends `${infer First},${infer Others}` ? First | Fields<Others> : Definition;

/** The values of an EIP-712 type, field by field. */
type Message<Definition> = {
  readonly [Field in Fields<Definition> as Field extends `${string} ${infer Name}` ? Name : never]: Value<
    Field extends `${infer Type} ${string}` ? Type : never
  >;
};

type DefinitionOf<Type extends ActionType> = {
  [Contract in SigningContract]: Type extends keyof Forms[Contract] ? Forms[Contract][Type] : never;
}[SigningContract];

/** What is signed, by kind: the message of the EIP-712 data. Nothing in it needs more than JSON. */
export type SignedMessages = { readonly [Type in ActionType]: Message<DefinitionOf<Type>> };

/** What an action carries besides what is signed, by kind; the others carry nothing. */
export type Attachments = { readonly [Type in keyof typeof attachments]: Message<(typeof attachments)[Type]> };

const definitions = Object.fromEntries(Object.values(forms).flatMap((each) => Object.entries(each))) as Readonly<
  Record<ActionType, string>
>;

const contracts = Object.fromEntries(
  Object.entries(forms).flatMap(([contract, each]) => Object.keys(each).map((type) => [type, contract])),
) as Readonly<Record<ActionType, SigningContract>>;

/** All kinds. */
export const actionTypes = Object.keys(definitions) as ActionType[];

/** The contract that takes an action, and so its EIP-712 domain. */
export function contractOf(type: ActionType): SigningContract {
  return contracts[type];
}

/** The types that ethers, and every wallet, takes to show and sign an action. */
export function typesOf(type: ActionType): Record<string, TypedDataField[]> {
  const own = fieldsOf(definitions[type]);
  const used = Object.entries(structs).filter(([name]) => own.some((field) => field.type === `${name}[]`));
  return { [type]: own, ...Object.fromEntries(used.map(([name, definition]) => [name, fieldsOf(definition)])) };
}

/** The fields of a list such as "address patient,uint40 deadline". */
export function fieldsOf(definition: string): TypedDataField[] {
  return definition.split(",").map((field) => {
    // Stryker disable next-line StringLiteral: every field has its two words
    const [type = "", name = ""] = field.split(" ");
    return { type, name };
  });
}
