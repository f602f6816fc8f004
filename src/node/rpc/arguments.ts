import { CID } from "multiformats/cid";
import { z } from "zod";
import { CareKeyError } from "../../errors.js";
import { isSupported } from "../../storage/verify.js";

/** What may stand in the query of a call: https://docs.ipfs.tech/reference/kubo/rpc/. All of it travels as text. */

/** A block that CareKey stores, by its CID or as /ipfs/CID. Paths below a CID are not followed. */
const cid = z.string().transform((text, context): CID => {
  const parsed = parse(text.replace(/^\/ipfs\//, ""));
  if (parsed && isSupported(parsed)) return parsed;
  context.addIssue("no CIDv1 of raw or dag-pb by sha2-256");
  return z.NEVER;
});

/** The positional arguments: at least one CID. */
export const cids = z
  .array(cid)
  .min(1, "at least one CID is required")
  .transform((all) => all as [CID, ...CID[]]);

/** Any number of CIDs. */
export const anyCids = z.array(cid);

export const flag = z.stringbool({ truthy: ["true", "1", "t", ""], falsy: ["false", "0", "f"] });

/** A number of bytes from zero to 2^53−1. */
export const natural = z
  .string()
  .regex(/^\d+$/, "no natural number")
  .transform(Number)
  .refine(Number.isSafeInteger, "too large");

/** An option that is refused unless it asks for what CareKey does anyway: the values that do. */
export function only(...values: [string, ...string[]]) {
  return z.enum(values, `only ${values.join(" or ")}`).optional();
}

/** An option for what CareKey does not keep. */
export const none = z.undefined("is not kept").optional();

const units = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration as Go writes it, e.g. "1m30s", in milliseconds: https://pkg.go.dev/time#ParseDuration */
export const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/, "no duration")
  .transform((text) => {
    const parts = text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g);
    return [...parts].reduce((sum, [, value, unit]) => sum + Number(value) * units[unit as keyof typeof units], 0);
  });

/**
 * Reads a query by a schema; arguments that the schema does not name are passed over, as Kubo does.
 * Throws INVALID_ARGUMENT with `{ argument }`.
 */
export function readQuery<T>(schema: z.ZodType<T>, query: URLSearchParams): T {
  const { success, data, error } = schema.safeParse({ ...Object.fromEntries(query), arg: query.getAll("arg") });
  if (success) return data;
  const [issue] = error.issues;
  const argument = String(issue?.path[0] ?? "arg");
  throw new CareKeyError("INVALID_ARGUMENT", `Argument "${argument}": ${issue?.message ?? "invalid"}`, { argument });
}

function parse(text: string): CID | undefined {
  try {
    return CID.parse(text);
  } catch {
    return undefined;
  }
}
