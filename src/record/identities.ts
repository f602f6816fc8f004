import type { OpeningKey } from "../crypto/age.js";
import { recipientOf, unwrapFileKey } from "../crypto/recipients.js";
import { isCareKeyError } from "../errors.js";
import type { Context } from "./context.js";

/** Opens what was sealed to any of an actor's identities, newest first. */
export function asActor({ identities }: Pick<Context, "identities">): OpeningKey {
  return {
    identity: {
      unwrapFileKey: async (header) => {
        for (const identity of identities) {
          try {
            return await unwrapFileKey(header, identity);
          } catch (error) {
            if (!isCareKeyError(error, "NOT_A_RECIPIENT")) throw error;
          }
        }
        return undefined;
      },
    },
  };
}

/** True when the recipient age1pq1… is that of one of the actor's identities. */
export async function isOwnRecipient({ identities }: Pick<Context, "identities">, recipient: string): Promise<boolean> {
  for (const identity of identities) if ((await recipientOf(identity)) === recipient) return true;
  return false;
}
