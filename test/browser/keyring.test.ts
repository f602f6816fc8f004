import { expect } from "chai";
import type { CDPSession, Page as Tab } from "playwright-core";

import { Keyring } from "../../src/crypto/keyring/keyring.js";
import type { Page } from "./keyring-page.js";
import { type Site, callPage, hasBrowser, openSite } from "./tab.js";

/** What `create` gives when nothing goes wrong. */
interface Created {
  readonly file: number[];
  readonly identity: string;
  readonly words: string;
  readonly guardians: string[];
}

describe("the keyring in a real browser, with a virtual authenticator", function () {
  this.timeout(120_000);
  let site: Site;
  let tab: Tab;
  let cdp: CDPSession;
  let device: string;

  before(async function () {
    if (!hasBrowser) this.skip();
    site = await openSite("keyring-page.ts");
  });
  beforeEach(async () => {
    tab = await site.newTab();
    cdp = await tab.context().newCDPSession(tab);
    await cdp.send("WebAuthn.enable", { enableUI: false });
    device = await plugIn();
    await tab.goto(site.url);
  });
  afterEach(() => tab.close());
  after(async () => {
    if (hasBrowser) await site.close();
  });

  async function plugIn(transport: "internal" | "usb" = "internal", hasPrf = true): Promise<string> {
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        ...{ protocol: "ctap2", ctap2Version: "ctap2_1", transport, hasResidentKey: true, hasPrf },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    return authenticatorId;
  }

  const unplug = (authenticatorId: string) => cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });

  const call = <Name extends keyof Page>(name: Name, ...args: Parameters<Page[Name]>) =>
    callPage<Page, Name>(tab, name, ...args);

  it("opens a vault by each kind of slot, and Node opens what the browser wrote", async () => {
    const { file, identity, words, guardians } = (await call("create")) as Created;
    expect(await call("byPasskey", file)).to.equal(identity);
    expect(await call("byPassphrase", file, "typed in a browser")).to.equal(identity);
    expect(await call("byCode", file, words)).to.equal(identity);
    expect(await call("byGuardians", file, guardians)).to.equal(identity);
    const { keyring } = await Keyring.open(new Uint8Array(file), { kind: "recovery-code", words });
    expect(keyring.identity).to.equal(identity);
    expect(keyring.slots.map(({ kind }) => kind)).to.deep.equal([
      ...["passphrase", "recovery-code", "passkey", "guardians"],
    ]);
  });

  it("opens what Node wrote", async () => {
    const { file, identity } = (await call("create")) as Created;
    const { keyring } = await Keyring.open(new Uint8Array(file), {
      kind: "passphrase",
      passphrase: "typed in a browser",
    });
    const { words } = keyring.addRecoveryCode();
    expect(await call("byCode", [...keyring.encode()], words)).to.equal(identity);
    expect(await call("byPasskey", [...keyring.encode()])).to.equal(identity);
  });

  it("opens by a passkey after the page was loaded again, and by no other device", async () => {
    const { file, identity, words } = (await call("create")) as Created;
    await tab.reload();
    expect(await call("byPasskey", file)).to.equal(identity);
    await unplug(device);
    const other = await plugIn();
    expect(await call("byPasskey", file)).to.deep.equal({ code: "PASSKEY_FAILED" });
    const { file: more } = (await call("addPasskey", file, words)) as { file: number[] };
    expect(await call("byPasskey", more)).to.equal(identity);
    await unplug(other);
  });

  it("refuses a person who is not verified, a wrong passphrase, and a device without the PRF extension", async () => {
    const { file } = (await call("create")) as Created;
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId: device, isUserVerified: false });
    expect(await call("byPasskey", file)).to.deep.equal({ code: "PASSKEY_FAILED" });
    expect(await call("byPassphrase", file, "wrong")).to.deep.equal({ code: "PASSPHRASE_WRONG" });
    await unplug(device);
    await plugIn("internal", false);
    expect(await call("create")).to.deep.equal({ code: "PASSKEY_FAILED" });
  });
});
