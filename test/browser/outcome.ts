import { isCareKeyError } from "../../src/errors.js";

/** What came of something: its value, or the code of the error. */
export async function outcome<T>(work: () => Promise<T>): Promise<T | { code: string }> {
  try {
    return await work();
  } catch (error) {
    if (isCareKeyError(error)) return { code: error.code };
    throw error;
  }
}
