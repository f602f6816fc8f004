import { accessSync, constants } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../.peers/bin", import.meta.url));

/** The programs of a node. */
export interface ClusterPrograms {
  readonly ipfs: string;
  readonly cluster: string;
}

/** The programs of a node, of `npm run peers` or the PATH; or the names of those that are missing. */
export function clusterPrograms(): ClusterPrograms | { readonly missing: readonly string[] } {
  const [ipfs, cluster] = [find("ipfs"), find("ipfs-cluster-service")];
  if (ipfs !== undefined && cluster !== undefined) return { ipfs, cluster };
  return { missing: [ipfs ?? "ipfs", cluster ?? "ipfs-cluster-service"].filter((name) => !path.isAbsolute(name)) };
}

function find(name: string): string | undefined {
  const folders = [process.env.CAREKEY_PEERS ?? built, ...(process.env.PATH ?? "").split(path.delimiter)];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => path.resolve(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
