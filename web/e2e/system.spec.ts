// The pages of the console about the system: what they do against a real
// server, and every state that a new server does not have.
import type { Page } from "@playwright/test";
import { resolve } from "node:path";
import { access, answer, health, hostile, imported, mails, overview, roles, settings } from "./console-answers";
import { admin, password, type Server } from "./server";
import { expect, overflows, test } from "./test";

const shots = resolve(import.meta.dirname, "../../docs/img/ui");
const pages = ["", "audit", "roles", "mail", "health", "settings", "import", "export"];

async function enter(page: Page, server: Server) {
  await server.makeAdmin();
  const signedIn = await page.request.post(`${server.url}/api/auth/sign-in/email`, { data: { email: admin.email, password }, headers: { Origin: server.url } });
  expect(signedIn.ok()).toBe(true);
}

const look = (page: Page, server: Server, name: string, value: string) => page.context().addCookies([{ name: `gatehouse-${name}`, value, url: server.url }]);

// full stands in for a server that has seen much.
async function full(page: Page) {
  await answer(page, /\/console\/access/, access);
  await answer(page, /\/console\/overview/, overview);
  await answer(page, /\/console\/health/, health);
  await answer(page, /\/console\/settings/, settings);
  await answer(page, /\/console\/roles/, roles);
  await page.route(/\/console\/mail\?/, (route) => route.fulfill({ json: mails(new URL(route.request().url()).searchParams.get("state") ?? "dead") }));
}

const settled = (page: Page) => page.waitForLoadState("networkidle");

test("each page on a new server, by the server's own answers", async ({ page, server }) => {
  await enter(page, server);
  for (const name of pages) {
    await page.goto(`/admin/${name}`);
    await expect(page.locator("h1")).toBeVisible();
    await settled(page);
    await expect(page.getByRole("alert")).toHaveCount(0);
  }
});

for (const [theme, language] of [["light", "de"], ["dark", "ar"]] as const) {
  test(`much of everything, ${theme}, ${language}, on every width`, async ({ page, server, clean }) => {
    await enter(page, server);
    await full(page);
    await look(page, server, "theme", theme);
    await look(page, server, "language", language);
    for (const name of pages) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.goto(`/admin/${name}`);
      await expect(page.locator("h1")).toBeVisible();
      await settled(page);
      await clean();
      for (const width of [768, 320]) {
        await page.setViewportSize({ width, height: 900 });
        expect(await overflows(page), `${name} at ${width}`).toBe(0);
      }
      expect(await page.locator("img[src=x]").count()).toBe(0);
    }
  });
}

test("pages for the documents", async ({ page, server }) => {
  await enter(page, server);
  await full(page);
  await page.goto("/admin");
  await expect(page.locator("canvas")).toBeVisible();
  await settled(page);
  await page.screenshot({ path: `${shots}/console-overview-light.png` });
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.screenshot({ path: `${shots}/console-overview-dark.png` });
  await page.goto("/admin/health");
  await expect(page.getByText("audit.forward")).toBeVisible();
  await page.screenshot({ path: `${shots}/console-health-dark.png` });
});

test("the chart says the same in words and in a table", async ({ page, server }) => {
  await enter(page, server);
  await full(page);
  await page.goto("/admin");
  await expect(page.getByText(/In this time: [\d,]+ sign-ups, [\d,]+ sign-ins and [\d,]+ failed/)).toBeAttached();
  await page.getByText("Show as a table").click();
  await expect(page.getByRole("region", { name: "Sign-ins and sign-ups" }).getByRole("row")).toHaveCount(26);
  await page.getByText("7 days").click();
  await expect(page).toHaveURL(/range=7d/);
});

test("a test mail goes out and its fate is told", async ({ page, server, clean }) => {
  await enter(page, server);
  await page.goto("/admin");
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await clean();
  await page.getByRole("button", { name: "Send it" }).click();
  await expect(page.getByText("Your mail server took the mail.")).toBeVisible({ timeout: 20_000 });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Send a test mail" })).toBeFocused();
  await page.goto("/admin/mail?state=sent");
  await page.getByRole("button", { name: admin.email }).first().click();
  await expect(page.getByText("Once a mail is sent, its content is deleted.")).toBeVisible();
});

test("the audit log: filters in the address, an entry, following, verifying, an export", async ({ page, server, clean }) => {
  await enter(page, server);
  await page.setExtraHTTPHeaders({ "User-Agent": "<img src=x onerror=alert(1)>" });
  await page.goto("/admin/audit");
  await page.getByLabel("Action", { exact: true }).fill("session.create");
  await expect(page).toHaveURL(/action=session\.create/);
  const rows = page.getByRole("row");
  await expect(rows.filter({ hasText: "user.create" })).toHaveCount(0);
  await rows.nth(1).getByRole("button").click();
  await expect(page.getByRole("dialog")).toContainText("Place in the chain");
  await clean();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: "Follow live" }).click();
  await expect(page).toHaveURL(/live=true/);
  await server.post("/sign-in/email", { email: "nobody@example.com", password: "wrong password" });
  await expect(rows.filter({ hasText: "sign-in.fail" }).first()).toBeVisible({ timeout: 15_000 });
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText("The log is whole")).toBeVisible();
  await clean();
  await page.keyboard.press("Escape");
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("menuitem", { name: "CSV" }).click();
  expect((await file).suggestedFilename()).toMatch(/^audit-.*\.csv$/);
});

test("what changed, against the entry before, and hostile texts as texts", async ({ page, server, clean }) => {
  await enter(page, server);
  const entry = (id: string, role: string) => ({ id, seq: 7, time: new Date().toISOString(), actor: "a1", impersonator: "a2", action: "user.role", targetType: "user", target: hostile, outcome: "success", address: "::1", userAgent: hostile, requestId: "r", details: { role, note: hostile } });
  await page.route(/\/admin\/audit\/list/, (route) => route.fulfill({ json: { entries: [route.request().url().includes("to=") ? entry("e1", "user") : entry("e2", "admin")], next: "" } }));
  await page.goto("/admin/audit");
  await page.getByRole("button", { name: "user.role" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.locator("del")).toHaveText("user");
  await expect(dialog.getByText("admin", { exact: true })).toBeVisible();
  await expect(dialog.getByText(/<img src=x/).first()).toBeVisible();
  await clean();
  expect(await page.locator("img[src=x]").count()).toBe(0);
});

test.describe("a mail server that refuses", () => {
  test.use({ options: { mail: { from: "Acme <auth@acme.test>", smtp: { host: "127.0.0.1", port: 9 } } }, allow: /Blocked script execution/ });
  test("a mail that waits is shown as text and as HTML in a frame that runs nothing", async ({ page, server, clean }) => {
    await enter(page, server);
    await server.post("/request-password-reset", { email: admin.email });
    await page.goto("/admin/mail?state=pending");
    await page.getByRole("button", { name: admin.email }).first().click();
    const frame = page.locator("iframe");
    await expect(frame).toHaveAttribute("sandbox", "");
    // Nothing runs in the frame, a test's probes included: what it shows is asked for.
    const shown = await page.request.get(server.url + (await frame.getAttribute("src"))!);
    expect(shown.headers()["content-security-policy"]).toMatch(/default-src 'none'.*sandbox$/);
    expect(await shown.text()).toMatch(/href="[^"]*REDACTED[^"]*"/);
    await page.getByText("Text", { exact: true }).click();
    await expect(page.locator("pre")).toContainText("REDACTED");
    await clean();
  });
});

test("a mail that was given up says why and is sent again", async ({ page, server }) => {
  await enter(page, server);
  await full(page);
  let retried = "";
  await page.route(/\/console\/mail\/\w+\/retry/, (route) => {
    retried = route.request().url();
    return route.fulfill({ json: { status: true } });
  });
  await page.goto("/admin/mail");
  await expect(page.getByText("550 5.1.1 mailbox unavailable").locator("visible=true").first()).toBeVisible();
  await page.getByRole("button", { name: "Send again to grace.hopper+0@example.com" }).click();
  await expect(page.getByText("The mail is waiting to be sent again")).toBeAttached();
  expect(retried).toMatch(/mail0\/retry$/);
});

test("settings are found by name, value and variable, and say where to change them", async ({ page, server, clean }) => {
  await enter(page, server);
  await full(page);
  await page.goto("/admin/settings");
  await page.getByRole("searchbox").fill("GATEHOUSE_SESSION_EXPIRES");
  await expect(page.getByText("1 setting", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "expiresIn" }).click();
  await expect(page.getByText("Change session.expiresIn in /etc/gatehouse/gatehouse.yaml, or set the variable GATEHOUSE_SESSION_EXPIRES_IN.")).toBeVisible();
  await clean();
  await page.getByRole("searchbox").fill("nothing like it");
  await expect(page.getByText("No setting matches")).toBeVisible();
});

test("an import is tried, done, and its refused rows are told", async ({ page, server, clean }) => {
  await enter(page, server);
  await page.goto("/admin/import");
  await page.route(/\/console\/import/, (route) => {
    const lines = imported(route.request().url().includes("dryRun=true"));
    return route.fulfill({ contentType: "application/x-ndjson", body: lines.map((line) => JSON.stringify(line)).join("\n") + "\n" });
  });
  await page.locator("input[type=file]").setInputFiles({ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("email,name\ngrace@example.com,Grace Hopper\n") });
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Tried: nothing was changed")).toBeVisible();
  await expect(page.getByText("Rows that made nobody")).toBeVisible();
  await clean();
  await page.getByRole("button", { name: "Import 1,197 people" }).click();
  await expect(page.getByRole("heading", { name: "Imported" })).toBeVisible();
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download report" }).click();
  expect((await file).suggestedFilename()).toBe("import-report.csv");
});

test("an import that was cut off is not taken for done", async ({ page, server }) => {
  await enter(page, server);
  await answer(page, /\/console\/access/, access);
  const lines = imported(true).slice(0, -1).map((line) => JSON.stringify(line)).join("\n");
  await page.route(/\/console\/import/, (route) => route.fulfill({ contentType: "application/x-ndjson", body: lines }));
  await page.goto("/admin/import");
  await page.locator("input[type=file]").setInputFiles({ name: "people.jsonl", mimeType: "application/x-ndjson", buffer: Buffer.from("{}\n") });
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("The import stopped")).toBeVisible();
  await expect(page.getByText("not an address").first()).toBeVisible();
  expect(await page.locator("img[src=x]").count()).toBe(0);
});

test("an export is counted, taken and named", async ({ page, server }) => {
  await enter(page, server);
  await page.goto("/admin/export?format=csv&role=admin");
  await expect(page.getByText("1 person matches")).toBeVisible();
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  expect((await file).suggestedFilename()).toMatch(/^users-.*\.csv$/);
  await expect(page.getByText("1 row")).toBeVisible();
});

test.describe("a server that fails", () => {
  test.use({ allow: /500/ });
  test("each page says so and can be tried again", async ({ page, server, clean }) => {
    await enter(page, server);
    await page.route(/\/(console|admin\/audit)\//, (route) => route.fulfill({ status: 500, json: { code: "INTERNAL", message: "The server failed" } }));
    for (const name of ["roles", "settings"]) {
      await page.goto(`/admin/${name}`);
      await expect(page.getByRole("alert")).toContainText("The server failed", { timeout: 20_000 });
      await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
      await clean();
    }
  });
});
