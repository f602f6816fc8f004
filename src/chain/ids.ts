import {
  AbiCoder,
  decodeBytes32String,
  encodeBytes32String,
  getAddress,
  hexlify,
  isHexString,
  keccak256,
  randomBytes,
} from "ethers";

import { CareKeyError } from "../errors.js";

/** 0x and 64 hex digits. */
export type Hex32 = string;

/** Scope of a grant on everything a patient has. */
export const wholeChart: Hex32 = "0x" + "00".repeat(32);

/** Roles that credentials are issued for (contracts.md of the consortium decides who issues them). */
export const roles = [
  "practitioner",
  "laboratory",
  "pharmacist",
  "manufacturer",
  "insurer",
  "researcher",
  "ethics",
  "keeper",
  "storage",
] as const;

/** A role that an accredited issuer attests. */
export type Role = (typeof roles)[number];

/**
 * A role as contracts and stamps carry it: its name as `bytes32`.
 * @throws INVALID_ARGUMENT for a role that is not in the list.
 */
export function roleId(role: Role | "patient"): Hex32 {
  if (role !== "patient" && !roles.includes(role))
    throw new CareKeyError("INVALID_ARGUMENT", `Unknown role ${JSON.stringify(role)}`);
  return encodeBytes32String(role);
}

/** The text of a role or reason from its `bytes32`; what is no text is shown as it is. */
export function decodeText(word: Hex32): string {
  try {
    return decodeBytes32String(word);
  } catch {
    return word;
  }
}

/**
 * A reason code as contracts carry it: a word or two in public, as `bytes32`.
 * @throws INVALID_ARGUMENT for nothing, and for more than 31 bytes
 * @example reasonId("wrong patient");
 */
export function reasonId(reason: string): Hex32 {
  try {
    if (reason !== "") return encodeBytes32String(reason);
  } catch {
    // too long
  }
  throw new CareKeyError("INVALID_ARGUMENT", `The reason ${JSON.stringify(reason)} does not have 1 to 31 bytes`);
}

/** A fresh compartment label: 32 random bytes with the top bit clear. */
export function randomLabel(): Hex32 {
  const bytes = randomBytes(32);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return hexlify(bytes);
}

/** True for a compartment's label, false for the whole chart, a record id or anything else. */
export function isLabel(scope: string): boolean {
  return isHexString(scope, 32) && scope !== wholeChart && !isRecordId(scope);
}

/** True for a record id: the top bit tells it from a label. */
export function isRecordId(scope: string): boolean {
  return isHexString(scope, 32) && parseInt(scope.slice(2, 4), 16) >= 0x80;
}

/** @throws INVALID_ARGUMENT for what is no record id */
export function checkRecordId(id: string): Hex32 {
  if (isRecordId(id)) return id.toLowerCase();
  throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(id)} is no record id (32 bytes, top bit set)`);
}

/**
 * The id of a record (docs/format.md §4), as `RecordRegistry.recordIdOf` computes it.
 * @param content sha2-256 of the body.
 */
export function recordIdOf(patient: string, compartment: Hex32, content: Hex32): Hex32 {
  const hash = BigInt(
    keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32", "bytes32"], [patient, compartment, content])),
  );
  return "0x" + (hash | (1n << 255n)).toString(16);
}

/** The scope that covers just this place: a record where its content is named, else its compartment, else the whole chart. */
export function scopeOf(patient: string, compartment: Hex32 = wholeChart, content: Hex32 = wholeChart): Hex32 {
  return content === wholeChart ? compartment : recordIdOf(patient, compartment, content);
}

/**
 * The address with its checksum.
 * @throws INVALID_ARGUMENT for anything that is no address; `what` names the argument.
 */
export function checkAddress(address: string, what: string): string {
  try {
    return getAddress(address);
  } catch (cause) {
    throw new CareKeyError("INVALID_ARGUMENT", `${what} ${JSON.stringify(address)} is not an address`, {}, { cause });
  }
}

/**
 * The label in lower case, as the chain tells it.
 * @throws INVALID_ARGUMENT when `label` is no compartment's label.
 */
export function checkLabel(label: Hex32): Hex32 {
  if (!isLabel(label))
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `${JSON.stringify(label)} is not the label of a compartment (32 bytes, top bit clear)`,
    );
  return label.toLowerCase();
}

/**
 * The scope in lower case, as the chain tells it.
 * @throws INVALID_ARGUMENT when `scope` is not 32 bytes in hex.
 */
export function checkScope(scope: Hex32): Hex32 {
  if (!isHexString(scope, 32))
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `${JSON.stringify(scope)} is no scope (whole chart, compartment label or record id)`,
    );
  return scope.toLowerCase();
}
