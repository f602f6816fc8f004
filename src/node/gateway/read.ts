import type { OutgoingHttpHeaders } from "node:http";

import { CID } from "multiformats/cid";

import type { Call } from "./call.js";
import { carHeader } from "../car-out.js";
import { carStream } from "./car.js";
import { type Wanted, wantedBy } from "./negotiate.js";
import { refusal } from "./refusal.js";
import { sendStream } from "../stream.js";
import { cidOf } from "./target.js";

/** The CID of no bytes, which every trustless gateway knows, so that one can be told by it. */
const PROBE = "bafkqaaa";
/** What a CID names never changes. */
const FOREVER = "public, max-age=29030400, immutable";

/**
 * GET and HEAD /ipfs/{cid}, as https://specs.ipfs.tech/http-gateways/trustless-gateway/ has them. Ranges are not served: of a part nobody
 * could verify the hash.
 */
export async function readRoute(call: Call): Promise<void> {
  const { argument, store, request, response, query, head, signal } = call;
  const wanted = wantedBy(query, request.headers.accept);
  const headers = headersOf(argument, wanted);
  if (argument === PROBE) {
    send(call, headers, wanted.format === "car" ? carHeader(CID.parse(argument)) : new Uint8Array());
    return;
  }
  const cid = cidOf(argument);
  const cacheOnly = /\bonly-if-cached\b/i.test(request.headers["cache-control"] ?? "");
  const unchanged = matches(request.headers["if-none-match"], String(headers.etag));
  if ((cacheOnly || unchanged) && !(await store.has(cid, { signal }))) {
    throw refusal(cacheOnly ? 412 : 404, "This node has no such block", { cid: argument });
  }
  if (unchanged) {
    response.writeHead(304, { etag: headers.etag, "cache-control": FOREVER }).end();
  } else if (wanted.format === "raw" || head) {
    const bytes = await store.get(cid, { signal });
    if (wanted.format === "raw") send(call, headers, bytes);
    else response.writeHead(200, headers).end();
  } else {
    await sendStream(response, headers, carStream(cid, store, wanted, { signal }));
  }
}

function send({ response, head }: Call, headers: OutgoingHttpHeaders, bytes: Uint8Array): void {
  response.writeHead(200, { ...headers, "content-length": bytes.length });
  response.end(head ? undefined : bytes);
}

function headersOf(cid: string, wanted: Wanted): OutgoingHttpHeaders {
  const common = {
    "accept-ranges": "none",
    "cache-control": FOREVER,
    "x-content-type-options": "nosniff",
    "x-ipfs-path": `/ipfs/${cid}`,
    "x-ipfs-roots": cid,
    vary: "accept",
  };
  if (wanted.format === "raw") {
    return {
      ...common,
      "content-type": "application/vnd.ipld.raw",
      "content-disposition": `attachment; filename="${cid}.bin"`,
      etag: `"${cid}.raw"`,
    };
  }
  const dups = wanted.duplicates ? "y" : "n";
  return {
    ...common,
    "content-type": `application/vnd.ipld.car; version=1; order=dfs; dups=${dups}`,
    "content-disposition": `attachment; filename="${cid}.car"`,
    // weak: another gateway may order the same blocks otherwise
    etag: `W/"${cid}.car.${wanted.scope}.dfs.${dups}"`,
  };
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const strong = (tag: string) => tag.trim().replace(/^W\//, "");
  return (ifNoneMatch ?? "").split(",").some((tag) => tag.trim() === "*" || strong(tag) === strong(etag));
}
