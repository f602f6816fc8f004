import { z } from "zod";

import { CareKeyError } from "../errors.js";

/** The contracts of CareKey by name, as the deployment records them. */
export const contractNames = [
  "AccessManager",
  "CredentialRegistry",
  "KeyRegistry",
  "ConsentRegistry",
  "Announcements",
  "RecordRegistry",
  "GroupFactory",
] as const;

export type ContractName = (typeof contractNames)[number];

const contract = z.object({
  address: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  abi: z.array(z.record(z.string(), z.unknown())),
});

const schema = z.object({
  chainId: z.number().int().positive(),
  /** First block that can hold an event of these contracts. */
  startBlock: z.number().int().nonnegative(),
  contracts: z.object({
    AccessManager: contract,
    CredentialRegistry: contract,
    KeyRegistry: contract,
    ConsentRegistry: contract,
    Announcements: contract,
    RecordRegistry: contract,
    GroupFactory: contract,
  } satisfies Record<ContractName, typeof contract>),
});

/** Where CareKey is on one chain: what `deploy/deployments/chain-<id>/carekey.json` holds. */
export type Deployment = z.infer<typeof schema>;

/**
 * Checks what was read from a deployment's JSON file.
 * @throws INVALID_ARGUMENT naming the field that is wrong.
 */
export function parseDeployment(value: unknown): Deployment {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Stryker disable next-line OptionalChaining,StringLiteral: there is at least one
  const path = result.error.issues[0]?.path.join(".") ?? "";
  throw new CareKeyError(
    "INVALID_ARGUMENT",
    `The deployment's field ${JSON.stringify(path)} is missing or wrong`,
    { path },
    { cause: result.error },
  );
}
