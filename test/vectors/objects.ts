/** Makes manifests.json, capsules.json and stamps.json anew: `npx tsx test/vectors/objects.ts`. Deterministic; only after a change of the format that was meant. */
import { writeFile } from "node:fs/promises";

import { capsuleVectors } from "./capsules.js";
import { manifestVectors } from "./manifests.js";
import { chain, patient, reader } from "./shared.js";
import { stampVectors } from "./stamps.js";

/** What each file holds. */
export function files(): Record<string, object> {
  const about = "Vectors of docs/format.md; see README.md beside this file. Nobody's keys, nobody's data.";
  return {
    "manifests.json": { comment: about, vectors: manifestVectors() },
    "capsules.json": { comment: about, chain, patient, reader, vectors: capsuleVectors() },
    "stamps.json": { comment: about, chain, vectors: stampVectors() },
  };
}

if (process.argv[1] === import.meta.filename)
  for (const [name, content] of Object.entries(files()))
    await writeFile(new URL(name, import.meta.url), `${JSON.stringify(content, null, 1)}\n`);
