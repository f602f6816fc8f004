import { existsSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";

import { expect } from "chai";
import { build } from "esbuild";
import { type Browser, type CDPSession, type Page as Tab, chromium } from "playwright-core";

import { Keyring } from "../../src/crypto/keyring/keyring.js";
import type { Page } from "./page.js";

/** Debian's, or another: CAREKEY_CHROMIUM. */
const executablePath = process.env.CAREKEY_CHROMIUM ?? "/usr/bin/chromium";

/** What `create` gives when nothing goes wrong. */
interface Created {
  readonly file: number[];
  readonly identity: string;
  readonly words: string;
  readonly guardians: string[];
}

describe("the keyring in a real browser, with a virtual authenticator", function () {
  this.timeout(120_000);
  let server: Server;
  let browser: Browser;
  let tab: Tab;
  let cdp: CDPSession;
  let device: string;
  let ready = false;

  before(async function () {
    if (!existsSync(executablePath)) this.skip();
    const { outputFiles } = await build({
      ...{ entryPoints: ["test/browser/page.ts"], bundle: true, write: false, format: "iife", platform: "browser" },
      ...{ target: "es2023", logLevel: "silent" },
    });
    const script = outputFiles[0]?.text ?? "";
    server = createServer((request, response) => {
      const isScript = request.url === "/page.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    ready = true;
  });
  beforeEach(async () => {
    const { port } = server.address() as { port: number };
    tab = await browser.newPage();
    cdp = await tab.context().newCDPSession(tab);
    await cdp.send("WebAuthn.enable", { enableUI: false });
    device = await plugIn();
    // passkeys need a secure context, which localhost is
    await tab.goto(`http://localhost:${port}/`);
  });
  afterEach(() => tab.close());
  after(async () => {
    if (!ready) return;
    await browser.close();
    server.close();
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

  /** Calls the page; arguments and result are plain values. */
  function call<Name extends keyof Page>(
    name: Name,
    ...args: Parameters<Page[Name]>
  ): Promise<Awaited<ReturnType<Page[Name]>>> {
    return tab.evaluate(
      ([method, given]) => {
        const { page } = globalThis as unknown as { page: Record<string, (...all: unknown[]) => unknown> };
        return page[method]?.(...given);
      },
      [name, args] as const,
    ) as Promise<Awaited<ReturnType<Page[Name]>>>;
  }

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
