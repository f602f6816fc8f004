import { type CareKeyError, type ErrorCode, type ErrorDetails, isCareKeyError } from "../../src/errors.js";

/** The error that `work` is refused with: of this code where one is given, and with these details among others. */
export async function refused(
  work: () => unknown,
  code?: ErrorCode,
  details: ErrorDetails = {},
): Promise<CareKeyError> {
  try {
    await work();
  } catch (error) {
    if (!isCareKeyError(error)) throw error;
    const isExpected =
      (code === undefined || error.code === code) &&
      Object.entries(details).every(([key, value]) => error.details[key] === value);
    if (isExpected) return error;
    const expected = `${code ?? "a refusal"} ${JSON.stringify(details)}`;
    throw new Error(`expected ${expected}, not ${error.code} ${JSON.stringify(error.details)}`, { cause: error });
  }
  throw new Error(`should have been refused${code === undefined ? "" : ` with ${code}`}`);
}
