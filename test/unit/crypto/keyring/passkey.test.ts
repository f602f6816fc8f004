import { expect } from "chai";

import { Keyring } from "../../../../src/crypto/keyring/keyring.js";
import { type Authenticator, createPasskey, webauthnAuthenticator } from "../../../../src/crypto/keyring/passkey.js";
import { generateIdentity } from "../../../../src/crypto/recipients.js";
import { SoftwareAuthenticator } from "../../../helpers/authenticator.js";
import { refused } from "../../../helpers/refusals.js";

const owner = { chainId: 31337, actor: "0x70997970c51812dc3a010c7d01b50e0d17dc79c8" };

/** Through age-encryption's own code, as in a browser; test/browser has the browser itself. */
describe("a passkey", () => {
  const authenticator = webauthnAuthenticator({ rpId: "carekey.example" });
  let device: SoftwareAuthenticator;
  let unplug: () => void;
  let keyring: Keyring;

  beforeEach(async () => {
    device = new SoftwareAuthenticator();
    unplug = device.plugIn();
    keyring = Keyring.create(owner, { identities: [{ version: 1, identity: await generateIdentity() }] });
  });
  afterEach(() => {
    unplug();
  });

  const add = async (): Promise<string> => {
    const credential = await createPasskey("CareKey", authenticator);
    return (await keyring.addPasskey(credential, authenticator)).id;
  };
  const open = () => Keyring.open(keyring.encode(), { kind: "passkey", authenticator });

  it("opens the vault that it was added to", async () => {
    const slot = await add();
    const opened = await open();
    expect(opened.slot).to.equal(slot);
    expect(opened.keyring.identities).to.deep.equal(keyring.identities);
    expect(device.asked).to.equal(2);
  });

  it("is one of several: whichever is at hand opens", async () => {
    await add();
    unplug();
    const another = new SoftwareAuthenticator();
    unplug = another.plugIn();
    const second = await add();
    const { slot } = await open();
    expect(slot).to.equal(second);
    unplug();
    unplug = device.plugIn();
    expect((await open()).slot).not.to.equal(second);
  });

  it("says so when the device has no such passkey, no PRF extension, or its owner says no", async () => {
    await add();
    for (const answer of ["no", "without PRF"] as const) {
      device.answer = answer;
      await refused(open, "PASSKEY_FAILED");
      await refused(() => createPasskey("CareKey", authenticator), "PASSKEY_FAILED");
    }
    unplug();
    unplug = new SoftwareAuthenticator().plugIn();
    await refused(open, "PASSKEY_FAILED");
    expect(keyring.slots).to.have.lengthOf(1);
  });

  it("opens nothing with another's key, and takes nothing that is no passkey", async () => {
    await add();
    const file = keyring.encode();
    // the device answers, with the key of another credential
    const other = new SoftwareAuthenticator();
    const swapped: Authenticator = {
      ...authenticator,
      identity: () => ({ unwrapFileKey: () => new Uint8Array(16) }),
    };
    await refused(() => Keyring.open(file, { kind: "passkey", authenticator: swapped }), "VAULT_KEY_WRONG");
    const blind: Authenticator = { ...authenticator, identity: () => ({ unwrapFileKey: () => null }) };
    await refused(() => Keyring.open(file, { kind: "passkey", authenticator: blind }), "VAULT_KEY_WRONG");
    const odd: Authenticator = { ...authenticator, recipient: () => ({ wrapFileKey: () => [] }) };
    await refused(() => keyring.addPasskey("AGE-PLUGIN-FIDO2PRF-1XYZ", odd), "PASSKEY_FAILED");
    expect(other.asked).to.equal(0);
  });

  it("needs a browser, or what stands in for one", async () => {
    unplug();
    await refused(() => createPasskey("CareKey"), "PASSKEY_FAILED");
    unplug = device.plugIn();
  });
});
