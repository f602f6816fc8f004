import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The age layer as an application for browsers would bundle it; what it takes from src (or from dist) stands at `age`. */
export async function browserBundle(
  from: "src" | "dist" = "src",
): Promise<{ text: string; inputs: readonly string[] }> {
  const extension = from === "src" ? "ts" : "js";
  const contents = `
    export { open, openBytes, seal, sealBytes } from "./${from}/crypto/age.${extension}";
    export { generateIdentity, recipientOf } from "./${from}/crypto/recipients.${extension}";
  `;
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    format: "iife",
    globalName: "age",
    target: "es2022",
    logLevel: "silent",
  });
  return { text: outputFiles[0]?.text ?? "", inputs: Object.keys(metafile.inputs) };
}
