import { type Hex32, type Role, checkAddress, checkLabel, reasonId, roleId } from "../chain/ids.js";
import type { AnchoredRecord } from "../chain/records.js";
import { keySlots } from "../chain/slots.js";
import type { View } from "../chain/view.js";
import { recipientFromBytes } from "../crypto/recipients.js";
import { CareKeyError } from "../errors.js";
import type { Context } from "./context.js";
import { type Reachable, type Readers, keysOf, readersOf } from "./deliver.js";
import { bestFor, credentialsAt } from "./entitled.js";
import { type Place, mayWriteNow } from "./readers.js";
import { trustedKey } from "./trust.js";
import { freshView, presentAt } from "./words.js";

/** A record that a new one takes the place of, and the code of why. */
export interface Amending {
  readonly record: AnchoredRecord;
  readonly reason: string;
}

/** What somebody would add to a chart. */
export interface Wish {
  readonly patient: string;
  readonly compartment: Hex32;
  readonly role?: Role | undefined;
}

/** What was found to be entitled, and who was found to read, before anything is written. */
export interface Authority {
  readonly place: Place;
  readonly role: Hex32;
  /** Whom the record is sealed to: patient and author. */
  readonly recipients: readonly string[];
  readonly before: Readers;
  /** The readers' keys. */
  readonly keys: Reachable;
  readonly view: View;
}

/**
 * Whether the caller may add a record now, and what it takes: all of it at one block.
 * @throws INVALID_ARGUMENT, NO_CREDENTIAL, WRITE_REFUSED, NO_PUBLISHED_KEY, KEY_HELD (the patient's), KEY_CHANGED, KEY_SUPERSEDED, HISTORY_INCOMPLETE, CHAIN_INCONSISTENT,
 * CHAIN_UNREACHABLE
 */
export async function authorise(context: Context, wish: Wish, amending: Amending | undefined): Promise<Authority> {
  const { chain, recipient } = context;
  const patient = checkAddress(wish.patient, "Patient");
  const compartment = checkLabel(wish.compartment);
  const own = patient === chain.address;
  if (wish.role === undefined && !own)
    throw new CareKeyError("INVALID_ARGUMENT", "Name the role that you stamp another's record in");
  if (amending) reasonId(amending.reason);
  const role = roleId(wish.role ?? "patient");
  const view = await freshView(chain);
  if (wish.role !== undefined && !(await isCredentialed(context, role, view)))
    throw new CareKeyError("NO_CREDENTIAL", `${chain.address} has no credential as ${wish.role} now`, {
      role: wish.role,
    });
  const place: Place = amending ? amending.record : { patient, compartment };
  await requireWriter(context, place, view);
  const before = await readersOf(context, place, view);
  const others = before.readers.filter((reader) => reader !== chain.address);
  await view.words([patient, ...others].flatMap((actor) => keySlots(actor)));
  const key = await trustedKey(context, patient, view);
  // before anything is written: a node that lies about one key is believed about none
  const keys = await keysOf(context, others, view);
  const recipients = own ? [recipient] : [...new Set([recipientFromBytes(key.recipient), recipient])];
  return { place, role, recipients, before, keys, view };
}

/** At the stamp's time, that of the newest block, and at the anchor's: on a chain that was idle the two may lie far apart. */
async function isCredentialed({ chain }: Context, role: Hex32, view: View): Promise<boolean> {
  const times = [view.block.time, presentAt(view)];
  return bestFor(await credentialsAt(chain, view, chain.address, role), times)?.coverage === "holds";
}

/** A record is added to a compartment, and where it amends one, to that one's lineage. */
async function requireWriter({ chain }: Context, place: Place, view: View): Promise<void> {
  const { address: actor } = chain;
  const { patient, compartment, origin } = place;
  const places: Place[] = origin === undefined ? [place] : [{ patient, compartment }, place];
  for (const each of places) {
    if (await mayWriteNow(chain, view, each, actor)) continue;
    throw new CareKeyError("WRITE_REFUSED", `${actor} may not add records of ${patient} to ${compartment}`, {
      patient,
      compartment,
    });
  }
}
