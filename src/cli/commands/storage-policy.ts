import { Command } from "@commander-js/extra-typings";

import { CareKeyError } from "../../errors.js";
import type { Policy } from "../../storage/pool/types.js";
import { example } from "../help.js";
import { readPoolFile } from "../pool-file.js";
import { saveProfile } from "../profile.js";
import { namesOf, resolveCompartment, showScope } from "../scope.js";
import { type Session, profileOf, unlock } from "../session.js";
import { showPolicy } from "../store-settings.js";

/** Shows and sets how a pool of nodes keeps what belongs to a compartment. */
export function storagePolicyCommand(session: () => Session) {
  return new Command("policy")
    .description("how several storage nodes keep what is added from now on, for each compartment")
    .argument("[compartment]", "name or label (default: show all)")
    .argument("[how]", "`3` copies, or `10+4` fragments, or `default`")
    .option("--operator <name...>", "only nodes of these operators")
    .addHelpText(
      "after",
      example(
        "carekey storage policy",
        "carekey storage policy Imaging 10+4",
        'carekey storage policy Psychiatry 3 --operator "Clinic A" "Clinic B"',
      ),
    )
    .action(async (compartment, how, { operator }) => {
      const here = session();
      const { settings } = await profileOf(here);
      if (settings.store.kind !== "pool")
        throw new CareKeyError("INVALID_ARGUMENT", "The profile has one store; policies are for several (init --pool)");
      const { policy: usual, nodes } = await readPoolFile(settings.store.file);
      if (compartment !== undefined && how === undefined)
        throw new CareKeyError("INVALID_ARGUMENT", "Say how: 3, 10+4 or default");
      const policy = how === undefined || how === "default" ? undefined : policyOf(how, operator, nodes);
      const unlocked = await unlock(here);
      const names = await namesOf(unlocked);
      const policies = { ...settings.policies };
      if (compartment !== undefined) {
        const label = resolveCompartment(compartment, names);
        // read again: `unlock` may have written the profile
        const profile = await profileOf(here);
        if (policy) policies[label] = policy;
        else Reflect.deleteProperty(policies, label);
        await here.interruption.careful(() =>
          saveProfile(here.home, { ...profile, settings: { ...profile.settings, policies } }),
        );
      }
      const rows = Object.entries(policies).map(([label, policy]) => [showScope(label, names), showPolicy(policy)]);
      const others = usual === undefined ? "the pool's default" : showPolicy(usual);
      here.terminal.result(
        { default: usual, policies },
        here.terminal.table(["compartment", "kept as"], [...rows, ["(all others)", others]]),
      );
    });
}

function policyOf(
  how: string,
  operators: string[] | undefined,
  nodes: readonly { readonly operator: string }[],
): Policy {
  const unknown = operators?.find((each) => !nodes.some(({ operator }) => operator === each));
  if (unknown !== undefined)
    throw new CareKeyError("INVALID_ARGUMENT", `No node has the operator ${JSON.stringify(unknown)}`);
  const able = nodes.filter(({ operator }) => operators?.includes(operator) ?? true).length;
  const [, first = "", second] = /^([1-9]\d{0,2})(?:\+([1-9]\d{0,2}))?$/.exec(how) ?? [];
  if (first === "") throw new CareKeyError("INVALID_ARGUMENT", `${JSON.stringify(how)} is neither 3 nor 10+4`);
  const [data, parity] = [Number(first), Number(second)];
  const needed = second === undefined ? data : data + parity;
  if (needed > able && second === undefined)
    throw new CareKeyError("INVALID_ARGUMENT", `${data} copies need as many nodes; there are ${able}`, { data, able });
  if (needed > 255) throw new CareKeyError("INVALID_ARGUMENT", "A stripe has at most 255 fragments", { needed });
  const chosen = operators === undefined ? {} : { operators };
  return second === undefined
    ? { kind: "copies", copies: data, ...chosen }
    : { kind: "fragments", data, parity, ...chosen };
}
