import { expect } from "chai";
import { keccak256 } from "ethers";

import { chainTime } from "../../../src/chain/connection.js";
import { wholeChart } from "../../../src/chain/ids.js";
import {
  keyVersion,
  keysOf,
  pointVault,
  publishKey,
  publishedKey,
  vaultOf,
  vaultsOf,
} from "../../../src/chain/keys.js";
import { refused } from "../../helpers/clinic.js";
import { digest, loadFixture, registries } from "../../helpers/chain.js";

const key = (fill: number): Uint8Array => new Uint8Array(1216).fill(fill);

describe("keys", () => {
  it("are published, rotated, and not published twice", async () => {
    const { nurse, outsider } = await loadFixture(registries);
    expect(await keyVersion(outsider, nurse.address)).to.equal(0);
    expect(await publishedKey(outsider, nurse.address)).to.equal(undefined);
    expect(await keysOf(outsider, nurse.address)).to.deep.equal([]);
    await publishKey(nurse, key(1));
    const first = await nurse.provider.getBlockNumber();
    await publishKey(nurse, key(2));
    const height = await nurse.provider.getBlockNumber();
    await publishKey(nurse, key(2));
    expect(await nurse.provider.getBlockNumber()).to.equal(height);
    expect(await keyVersion(outsider, nurse.address)).to.equal(2);
    const told = { actor: nurse.address, version: 2, digest: keccak256(key(2)), recipient: key(2), block: height };
    expect(await publishedKey(outsider, nurse.address)).to.deep.equal({ ...told, since: await chainTime(nurse) });
    expect(await keysOf(outsider, nurse.address)).to.deep.equal([
      { ...told, version: 1, digest: keccak256(key(1)), recipient: key(1), block: first },
      told,
    ]);
    // an older key never takes the newest one's place again
    await refused(publishKey(nurse, key(1)), "KEY_SUPERSEDED", { actor: nurse.address, version: 2 });
    const details = { error: "InvalidRecipientLength", length: 1215n, expected: 1216n };
    await refused(publishKey(nurse, key(1).slice(1)), "CONTRACT_REFUSED", details);
    await refused(publishedKey(nurse, "nurse"), "INVALID_ARGUMENT");
  });

  it("lie in a vault that their owner points to", async () => {
    const { nurse, outsider } = await loadFixture(registries);
    expect(await vaultOf(outsider, nurse.address)).to.equal(undefined);
    expect(await vaultsOf(outsider, nurse.address)).to.deep.equal([]);
    const vaults = ["a vault", "a new vault", "a newer vault"].map(digest);
    for (const vault of vaults) await pointVault(nurse, vault);
    await pointVault(outsider, digest("another's"));
    expect(await vaultOf(outsider, nurse.address)).to.equal(vaults[2]);
    expect(await vaultsOf(outsider, nurse.address)).to.deep.equal(vaults);
    await refused(pointVault(nurse, wholeChart), "CONTRACT_REFUSED", { error: "InvalidVault" });
    await refused(vaultOf(nurse, "nurse"), "INVALID_ARGUMENT");
  });
});
