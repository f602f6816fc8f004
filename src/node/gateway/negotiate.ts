import { refusal } from "./refusal.js";

/** What a request wants to have. */
export type Wanted = { readonly format: "raw" } | WantedCar;

export interface WantedCar {
  readonly format: "car";
  /** All blocks below the root, those that make one file, or the root's alone. */
  readonly scope: "all" | "entity" | "block";
  /** A block that is named several times is sent as often. */
  readonly duplicates: boolean;
}

const TYPES: ReadonlyMap<string, Wanted["format"]> = new Map([
  ["application/vnd.ipld.raw", "raw"],
  ["application/vnd.ipld.car", "car"],
]);
const SCOPES = ["all", "entity", "block"] as const;

interface MediaType {
  readonly type: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Decides between block and CAR: the query's `format` goes before the Accept header. 406 where neither is asked for, as this gateway
 * gives out nothing that cannot be verified, and for a CAR of another version or order; 501 for `entity-bytes`.
 *
 * https://specs.ipfs.tech/http-gateways/trustless-gateway/
 */
export function wantedBy(query: URLSearchParams, accept: string | undefined): Wanted {
  const types = mediaTypesOf(accept ?? "");
  const asked = query.get("format");
  const format = asked ?? types.map(({ type }) => TYPES.get(type)).find((each) => each !== undefined);
  if (format === "raw") return { format };
  if (format !== "car") throw refusal(406, "This node gives out format=raw and format=car only", { reason: "format" });
  const parameters = types.find(({ type }) => TYPES.get(type) === "car")?.parameters;
  return carOf(query, (name) => query.get(`car-${name}`) ?? parameters?.get(name));
}

function carOf(query: URLSearchParams, parameter: (name: string) => string | undefined): WantedCar {
  if (query.has("entity-bytes")) throw refusal(501, "This node sends no part of a file", { reason: "entity-bytes" });
  const scope = SCOPES.find((each) => each === (query.get("dag-scope") ?? "all"));
  if (!scope) throw refusal(400, "The dag-scope is none of block, entity and all", { reason: "dag-scope" });
  const accepted = {
    version: ["1"],
    order: ["dfs", "unk", ""],
    dups: ["y", "n"],
  };
  for (const [name, values] of Object.entries(accepted)) {
    const value = parameter(name);
    if (value !== undefined && !values.includes(value))
      throw refusal(406, "This node has CARs of version 1 in depth-first order", { reason: name });
  }
  return { format: "car", scope, duplicates: parameter("dups") === "y" };
}

/** The types of an Accept header, the most wanted first; those that are not wanted at all are left out. */
function mediaTypesOf(accept: string): MediaType[] {
  return accept
    .split(",")
    .map((each): MediaType => {
      const [type = "", ...rest] = each.split(";").map((part) => part.trim().toLowerCase());
      const parameters = new Map(
        rest.map((parameter): [string, string] => {
          const [name = "", value = ""] = parameter.split("=");
          return [name.trim(), value.trim().replaceAll('"', "")];
        }),
      );
      const quality = Number(parameters.get("q") ?? 1);
      return { type, quality: Number.isNaN(quality) ? 0 : quality, parameters };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}
