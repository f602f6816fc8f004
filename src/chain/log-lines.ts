import type { Announcement } from "./announcements.js";
import type { ConsentChange } from "./changes.js";
import { type Hex32, decodeText } from "./ids.js";
import type { LogEntry } from "./log.js";
import type { Told } from "./logs.js";
import { purposesOf } from "./purposes.js";
import type { AnchoredEntry, RecordChange } from "./record-events.js";
import { permissionsOf } from "./terms.js";

/** A line of the log, and where on the chain it was told. */
export interface Line {
  readonly at: Told;
  readonly told: Omit<LogEntry, "when" | "block" | "transaction">;
}

/** Of a change of a patient's consents. */
export function consentLine(change: ConsentChange, patient: string): Line {
  const { what, by, grantee, scope, terms, delegation } = change;
  const who = by === patient ? { who: by } : { who: by, actedFor: patient };
  const place = { ...(grantee !== undefined && { grantee }), ...(scope !== undefined && { scope }) };
  if (what === "granted" && terms) {
    const { permissions, purposes, end } = terms;
    return { at: change, told: { what, ...who, ...place, permissions, purposes, end } };
  }
  if (what === "delegated" && delegation) {
    const { permissions, purposes, end, longest } = delegation;
    return { at: change, told: { what, ...who, ...place, permissions, purposes, end, longest } };
  }
  return { at: change, told: { what, ...who, ...place } };
}

/** Of a record that came to stand on the chart. */
export function anchoredLine(entry: AnchoredEntry, authors: ReadonlyMap<Hex32, string>): Line {
  const { recordId: scope } = entry;
  return { at: entry, told: { what: "anchored", who: authors.get(scope) ?? "", scope } };
}

/** Of what happened to a record since. */
export function recordLine(change: RecordChange): Line {
  const { what, by: who, recordId: scope, reason, replacement, role } = change;
  const more = {
    ...(reason !== undefined && { reason }),
    ...(replacement !== undefined && { replacement }),
    ...(role !== undefined && { role }),
  };
  return { at: change, told: { what, who, scope, ...more } };
}

/** Of an announcement. */
export function announcementLine(entry: Announcement): Line {
  const { what, by: who, actor, scope, id, asked, approved } = entry;
  if (what === "delivered") return { at: entry, told: { what, who, grantee: actor, scope } };
  const request = id ?? 0;
  if (what === "answered") {
    const answer = approved ? "approved" : "declined";
    return { at: entry, told: { what: answer, who, grantee: actor, scope, request } };
  }
  if (!asked) return { at: entry, told: { what, who, scope, request } };
  const { role, permissions, purposes, end } = asked;
  const wish = {
    role: decodeText(role),
    permissions: permissionsOf(Number(permissions)),
    purposes: purposesOf(purposes),
    end: Number(end),
  };
  return { at: entry, told: { what, who, scope, request, ...wish } };
}
