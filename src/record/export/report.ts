import type { ErrorCode } from "../../errors.js";
import type { Identity } from "../../crypto/recipients.js";
import type { PipelineOptions } from "../context.js";
import type { ExportIndex } from "./layout.js";

export interface VerifyOptions extends PipelineOptions {
  /** The patient's identity, to look into a sealed export. */
  readonly identity?: string | Identity;
  /** Hash of the block that the export names, from somebody whom the verifier trusts. */
  readonly blockHash?: string;
}

/** Something about a record that is checked. */
export type Claim = "files" | "stamps" | "anchor" | "credentials" | "pointer";

/** What was found wrong. */
export interface ExportProblem {
  readonly code: ErrorCode;
  /** Where, relative to the export's folder. */
  readonly file: string;
  readonly what: string;
}

/** What can be said of one record. */
export interface VerifiedRecord {
  readonly recordId: string;
  readonly status: string;
  /** Why it is not in the export, by the exporter's word. */
  readonly missing?: ErrorCode;
  /** Holds as long as hashes, signatures and the block's hash do. */
  readonly proven: readonly Claim[];
  /** Rests on the word of the node that the exporter asked. */
  readonly word: readonly Claim[];
  /** Could not be looked at: sealed, or not there. */
  readonly unread: readonly Claim[];
}

/** What {@link verifyExport} found. */
export interface ExportReport {
  /** No problem was found. */
  readonly ok: boolean;
  readonly sealed: boolean;
  readonly patient: string;
  readonly chainId: number;
  /** What all proofs rest on: whoever trusts its hash trusts what is proven. */
  readonly block: ExportIndex["block"];
  /** Somebody trusted named this very hash. */
  readonly blockTrusted: boolean;
  /** Why nothing of the chain is proven; undefined where it is. */
  readonly unproven: string | undefined;
  /** It is proven that the chart had no other records at that block, and no list that could be read names others. */
  readonly complete: boolean;
  readonly records: readonly VerifiedRecord[];
  readonly problems: readonly ExportProblem[];
}
