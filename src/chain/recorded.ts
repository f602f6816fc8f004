import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { CareKeyError } from "../errors.js";
import { type Deployment, parseDeployment } from "./deployment.js";

/**
 * Where `npm run deploy…` records deployments: the folder deploy, two levels up from src/chain as from dist/chain, or the one that the environment's
 * CAREKEY_DEPLOY names.
 */
const folder = process.env.CAREKEY_DEPLOY ?? fileURLToPath(new URL("../../deploy", import.meta.url));

/** The file that records the deployment on a chain. */
export function recordPath(chainId: number): string {
  return path.join(folder, "deployments", `chain-${chainId}`, "carekey.json");
}

/**
 * The deployment on a chain that was recorded here.
 * @throws NOT_DEPLOYED when there is no record, INVALID_ARGUMENT when it is damaged
 * @example const deployment = await recordedDeployment(31337);
 */
export async function recordedDeployment(chainId: number): Promise<Deployment> {
  let text: string;
  try {
    text = await readFile(recordPath(chainId), "utf8");
  } catch (cause) {
    throw new CareKeyError("NOT_DEPLOYED", `No deployment on chain ${chainId} is recorded`, { chainId }, { cause });
  }
  try {
    return parseDeployment(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof CareKeyError) throw cause;
    throw new CareKeyError(
      "INVALID_ARGUMENT",
      `The record of the deployment on chain ${chainId} is no JSON`,
      { chainId },
      { cause },
    );
  }
}
