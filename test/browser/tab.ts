import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { build } from "esbuild";
import { type Page as Tab, chromium } from "playwright-core";

/** Debian's, or another: CAREKEY_CHROMIUM. */
const executablePath = process.env.CAREKEY_CHROMIUM ?? "/usr/bin/chromium";
export const hasBrowser = existsSync(executablePath);

/** A real browser and a page for it. */
export interface Site {
  /** A new tab, nothing loaded. */
  readonly newTab: () => Promise<Tab>;
  /** Of the page; a secure context, which localhost is. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves a page that is nothing but one of the scripts of this folder, bundled as an application would be. */
export async function openSite(script: string): Promise<Site> {
  const { outputFiles } = await build({
    ...{ entryPoints: [`test/browser/${script}`], bundle: true, write: false, format: "iife", platform: "browser" },
    ...{ target: "es2023", logLevel: "silent" },
  });
  const bundle = outputFiles[0]?.text ?? "";
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? bundle : '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return {
    newTab: () => browser.newPage(),
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Calls what the page offers at `page`; arguments and result are plain values. */
export function callPage<Page extends Methods, Name extends keyof Page & string>(
  tab: Tab,
  name: Name,
  ...args: Parameters<Page[Name]>
): Promise<Awaited<ReturnType<Page[Name]>>> {
  return tab.evaluate(
    ([method, given]) => {
      const { page } = globalThis as unknown as { page: Record<string, (...all: unknown[]) => unknown> };
      return page[method]?.(...given);
    },
    [name, args] as [string, unknown[]],
  ) as Promise<Awaited<ReturnType<Page[Name]>>>;
}
