// SPDX-License-Identifier: Apache-2.0
/** Measures credentials, keys and groups. */
import { concat, encodeBytes32String } from "ethers";

import { END, type Stage, free, word } from "./stage.js";

export async function measureCredentials(stage: Stage): Promise<void> {
  const { accessManager, credentials, send } = stage;
  const [issuer, holder] = [stage.actor("issuer"), stage.actor("researcher")];
  for (const role of ["researcher", "practitioner", "storage"].map(encodeBytes32String)) {
    await send(accessManager.grantRole(await credentials.issuerRoleOf(role), issuer, 0));
  }
  const role = encodeBytes32String("researcher");
  await send(credentials.connect(issuer).issue(holder, role, END, free), "issueCredential");
  await send(credentials.connect(issuer).revoke(holder, role, 0, END - 1n, free), "revokeCredential");
  await send(credentials.connect(issuer).issue(holder, role, END, free));
  const { from } = (await credentials.credentialsOf(holder, role, 1, 1))[0] ?? { from: 0n };
  await stage.wait(100);
  await send(credentials.connect(issuer).revoke(holder, role, 1, from, free), "revokeCredentialForThePast");
  await send(credentials.connect(holder).contest(holder, role, 1, free), "contestCredential");
}

export async function measureKeys(stage: Stage): Promise<void> {
  const { publish, pointVault } = stage.keys.connect(stage.actor("holder"));
  const recipient = concat(Array.from({ length: 38 }, (_, i) => word(`recipient ${i}`)));
  await stage.send(publish(recipient, free), "publishKey");
  await stage.send(pointVault(word("vault"), free), "pointVault");
  await stage.send(pointVault(word("newer vault"), free), "pointVaultAgain");
}

export async function measureGroups(stage: Stage): Promise<void> {
  const { groups, send } = stage;
  const [manager, member] = [stage.actor("manager"), stage.actor("member")];
  const salt = word("group");
  await send(groups.connect(manager).create(salt, free), "createGroup");
  const group = stage.groupAt(await groups.groupOf(manager, salt), manager);
  await send(group.setMembers([member], END, 1n << 9n, free), "setMembers1");
  await send(group.connect(member).resign(free), "resign");
  await send(group.setManager(stage.actor("next manager"), free), "setManager");
}
