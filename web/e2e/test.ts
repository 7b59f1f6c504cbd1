// The fixture of every test: a server, and a page on which nothing may go
// wrong. It fails on an error in the console, a broken content policy, a
// failed request, and wherever the test calls `clean` on an accessibility fault.
import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";
import { Server } from "./server";

export { expect };

interface TestFixtures {
  // options configure the server; tests with equal ones share it.
  options: Record<string, unknown>;
  server: Server;
  // allow names answers that the test provokes, such as /401/: the browser logs
  // every answer from 400 up as an error.
  allow: RegExp | null;
  clean: (what?: string) => Promise<void>;
  faults: string[];
}

interface WorkerFixtures {
  running: Map<string, Promise<Server>>;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  running: [
    async ({}, use) => {
      const running = new Map<string, Promise<Server>>();
      await use(running);
      for (const server of running.values()) await (await server).stop();
    },
    { scope: "worker" },
  ],
  options: [{}, { option: true }],
  server: async ({ options, running }, use) => {
    const key = JSON.stringify(options);
    if (!running.has(key)) running.set(key, Server.start(options));
    await use(await running.get(key)!);
  },
  baseURL: async ({ server }, use) => use(server.url),
  allow: [null, { option: true }],
  faults: async ({}, use) => use([]),

  page: async ({ page, allow, faults }, use) => {
    watch(page, faults);
    await use(page);
    const broken = await page.evaluate(() => (window as unknown as { violations?: string[] }).violations ?? []).catch(() => []);
    expect([...faults, ...broken].filter((fault) => !allow?.test(fault))).toEqual([]);
  },

  clean: async ({ page }, use) => {
    await use(async () => {
      await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {}))));
      const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
      expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`)).toEqual([]);
    });
  },
});

function watch(page: Page, faults: string[]) {
  void page.addInitScript(() => {
    const violations: string[] = ((window as unknown as { violations: string[] }).violations = []);
    document.addEventListener("securitypolicyviolation", (event) => violations.push(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "net::ERR_ABORTED") faults.push(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
}

// overflows is how far the page is wider than its window, in pixels.
export const overflows = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
