import { memoryStore } from "../../../src/storage/memory.js";
import { blockStoreSuite } from "../../helpers/block-store-suite.js";

blockStoreSuite("memory store", () => Promise.resolve(memoryStore()));
