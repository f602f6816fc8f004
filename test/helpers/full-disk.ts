// A process of its own whose files may not grow beyond what its parent allows: saves a part of 1,100 bytes and says how that went.
import type { OpenedPart } from "../../src/index.js";
import { isCareKeyError, savePart } from "../../src/index.js";

const [, , path = ""] = process.argv;
const part: OpenedPart = {
  ...{ name: "part", mediaType: "text/plain", size: 1100, sha256: "0x" },
  stream: async function* () {
    await Promise.resolve();
    yield new Uint8Array(1000);
    yield new Uint8Array(100);
  },
};
try {
  await savePart(part, path);
  process.stdout.write("saved");
} catch (error) {
  process.stdout.write(isCareKeyError(error) ? error.code : String(error));
}
