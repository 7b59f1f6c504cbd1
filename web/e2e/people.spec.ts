import type { Page } from "@playwright/test";
import { join } from "node:path";
import { admin, password, type Server } from "./server";
import { expect, overflows, test } from "./test";

const pictures = join(import.meta.dirname, "../../docs/img/ui");
const hostile = "<img src=x onerror=alert(1)>";
const long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6).slice(0, 200).trim();
const turned = "\u202Egnp.exe";

test.use({ options: { plugins: { approval: { mode: "approval", requireReason: true, questions: [{ name: "company", label: "Where do you work?", required: true, maxLength: 80 }] } } } });

// people imports two thousand, and three whose names want to be more than text.
async function people(server: Server) {
  await server.makeAdmin();
  const rows = ["email,name,emailVerified,createdAt"];
  for (let i = 1; i <= 2000; i++) {
    const number = String(i).padStart(4, "0");
    const day = new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString();
    rows.push(`person${number}@example.com,Person ${number},${i % 7 !== 0},${day}`);
  }
  rows.push(`hostile@example.com,"${hostile}",true,2026-11-01`, `long@example.com,"${long}",true,2026-11-02`, `turned@example.com,"${turned}",true,2026-11-03`);
  await server.command("people.csv", rows.join("\n"), "user", "import", "people.csv");
}

let seeded: Promise<void> | undefined;
const seed = (server: Server) => (seeded ??= people(server));

async function enter(page: Page, server: Server, path: string) {
  await seed(server);
  const answer = await page.request.post(`${server.url}/api/auth/sign-in/email`, { data: { email: admin.email, password }, headers: { Origin: server.url } });
  expect(answer.ok()).toBe(true);
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

const rowsOf = (page: Page) => page.locator("[data-person]");

test("two thousand people scroll past in two dozen rows", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/users");
  await expect(page.getByText("2,004 users").first()).toBeVisible();
  await expect(page.getByRole("table", { name: "Users" })).toHaveAttribute("aria-rowcount", "2005");
  await clean();
  await page.screenshot({ path: join(pictures, "console-users.png"), animations: "disabled" });
  let most = 0;
  const last = page.getByRole("button", { name: "Person 0001", exact: true });
  await expect(async () => {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    most = Math.max(most, await rowsOf(page).count());
    await expect(last).toBeVisible({ timeout: 20 });
  }).toPass({ intervals: [30], timeout: 40_000 });
  expect(most).toBeLessThanOrEqual(30);
  await expect(page.getByRole("row").last()).toHaveAttribute("aria-rowindex", "2005");
});

test("what narrows the list is in the address", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/users");
  await page.keyboard.press("/");
  await page.keyboard.type("person019");
  await expect(page.getByText("10 users").first()).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/users\?q=person019$/);
  await page.getByRole("combobox", { name: "Status" }).selectOption("unverified");
  await expect(page.getByText("1 user", { exact: true }).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue("person019");
  await expect(page.getByRole("button", { name: "Person 0196" })).toBeVisible();
  await page.getByRole("button", { name: "Saved views" }).click();
  await page.getByPlaceholder("Name of the view").fill("Odd ones");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page.getByText("2,004 users").first()).toBeVisible();
  await page.getByRole("button", { name: "Saved views" }).click();
  await page.getByRole("button", { name: "Odd ones", exact: true }).click();
  await expect(page).toHaveURL(/q=person019&status=unverified|status=unverified&q=person019/);
  await page.getByRole("searchbox").fill("nobody-at-all");
  await expect(page.getByText("Nobody matches")).toBeVisible();
  await clean();
  await page.getByRole("button", { name: "Clear filters" }).last().click();

  await page.getByRole("button", { name: "Name", exact: true }).click();
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  await expect(rowsOf(page).first()).toContainText(hostile);
  const status = page.getByRole("columnheader", { name: "Status" });
  await status.getByRole("button").focus();
  await expect(page.getByRole("tooltip", { name: /no index/ }).or(status.getByText(/no index/))).toBeVisible();
  await page.getByRole("button", { name: "Columns and density" }).click();
  await page.getByRole("checkbox", { name: "ID" }).check();
  await page.getByRole("checkbox", { name: "Compact rows" }).check();
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "ID" })).toBeVisible();
});

test("a person's panel: text stays text, J and K go on, a ban can be taken back", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/users?q=person010");
  await page.getByRole("button", { name: "Person 0105" }).click();
  const panel = page.getByRole("dialog", { name: "Person 0105" });
  await expect(panel).toBeVisible();
  await expect(panel.getByText("person0105@example.com").first()).toBeVisible();
  await clean();
  await page.screenshot({ path: join(pictures, "console-user.png"), animations: "disabled" });
  for (const tab of ["Sessions", "Accounts", "Security", "Activity", "Raw"]) {
    await panel.getByRole("tab", { name: tab }).click();
    await expect(panel.getByRole("tab", { name: tab })).toHaveAttribute("aria-selected", "true");
  }
  await expect(panel.getByText('"email": "person0105@example.com"')).toBeVisible();
  await clean();
  await panel.getByRole("tab", { name: "Overview" }).click();
  await page.keyboard.press("j");
  await expect(page.getByRole("dialog", { name: "Person 0104" })).toBeVisible();
  await page.keyboard.press("k");
  await expect(panel).toBeVisible();

  await panel.getByRole("button", { name: "Ban" }).click();
  await page.getByLabel("Reason").fill("Spam");
  await page.getByLabel("For how long").selectOption("week");
  await clean();
  await page.getByRole("dialog").getByRole("button", { name: "Ban", exact: true }).last().click();
  await expect(panel.getByText("Banned")).toBeVisible();
  await expect(panel.getByText("Spam")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(panel.getByRole("button", { name: "Ban" })).toBeVisible();
  await expect(page.getByText("They have to sign in again")).toBeVisible();

  await panel.getByRole("checkbox", { name: "moderator" }).click();
  await expect(page.getByText("Person 0105 now has: user, moderator")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Person 0105 now has: user", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(page).toHaveURL(/q=person010$/);
});

test("somebody is created, changed, and deleted after typing the address", async ({ page, server }) => {
  await enter(page, server, "/admin/users");
  await page.keyboard.press("n");
  await page.getByLabel("Name", { exact: true }).fill("Mary Somerville");
  await page.getByLabel("E-mail address").fill("mary@example.com");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const panel = page.getByRole("dialog", { name: "Mary Somerville" });
  await expect(panel).toBeVisible();
  await server.link("mary@example.com", /reset|password/);
  await panel.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Mary Fairfax");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const renamed = page.getByRole("dialog", { name: "Mary Fairfax" });
  await expect(renamed).toBeVisible();
  await renamed.getByRole("button", { name: "Reset password" }).click();
  await expect(page.getByText("on its way to mary@example.com")).toBeVisible();
  await renamed.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("textbox").last().fill("mary");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("This is not the same text")).toBeVisible();
  await page.getByRole("textbox").last().fill("mary@example.com");
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("Mary Fairfax is deleted.")).toBeVisible();
  await expect(renamed).toBeHidden();
});

test("bulk actions report on every row", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/users?q=person15");
  await expect(page.getByText("100 users").first()).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all that are loaded" }).check();
  await expect(page.getByText(/^(50|100) selected$/)).toBeVisible();
  await page.getByRole("button", { name: "Clear the selection" }).click();
  await page.getByRole("checkbox", { name: "Select Person 1599" }).check();
  await page.getByRole("checkbox", { name: "Select Person 1598" }).check();
  await page.getByRole("searchbox").fill(admin.email);
  await page.getByRole("checkbox", { name: `Select ${admin.name}` }).check();
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.getByRole("region", { name: "Selected people" }).getByRole("button", { name: "Ban", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Ban", exact: true }).click();
  const report = page.getByRole("dialog", { name: "Report: Ban" });
  await expect(report.getByText("2 done, 1 refused")).toBeVisible();
  await expect(report.getByText("You cannot ban yourself.")).toBeVisible();
  await clean();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("region", { name: "Selected people" })).toBeHidden();
});

test("who acts as somebody else sees it on every page", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/users?q=person0300");
  await page.getByRole("button", { name: "Person 0300" }).click();
  await page.getByRole("dialog", { name: "Person 0300" }).getByRole("button", { name: "Act as" }).click();
  const banner = page.getByRole("region", { name: "Acting as somebody else" });
  await expect(page).toHaveURL(/\/account/);
  await expect(banner).toContainText("You act as Person 0300 until");
  await page.goto("/auth/unauthorized");
  await expect(banner).toBeVisible();
  await clean();
  await banner.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("dialog", { name: "Person 0300" })).toBeVisible();
  await expect(banner).toBeHidden();
});

test("requests for access are decided with A and R", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/approvals");
  await expect(page.getByText("Nobody is waiting")).toBeVisible();
  await clean();
  for (const [email, name] of [["one@example.com", "Caroline Herschel"], ["two@example.com", hostile], ["three@example.com", "Émilie du Châtelet"]]) {
    const answer = await server.post("/sign-up/email", { name, email, password, reason: `${turned} because I bought the telescope, and would like to see where it points tonight.`, company: "ACME Observatories" });
    expect(answer.ok).toBe(true);
  }
  await page.reload();
  await expect(page.getByText("Caroline Herschel")).toBeVisible();
  await expect(page.getByText(hostile)).toBeVisible();
  await expect(page.getByRole("link", { name: /Approvals 3/ })).toBeVisible();
  await clean();
  await page.screenshot({ path: join(pictures, "console-approvals.png"), animations: "disabled" });
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await expect(page.getByText("1 person approved.")).toBeVisible();
  await expect(page.getByText("Caroline Herschel")).toBeHidden();
  await page.keyboard.press("r");
  await page.getByLabel("Note").fill("Not a customer");
  await page.getByRole("button", { name: "Reject", exact: true }).click();
  await expect(page.getByText("1 person rejected.")).toBeVisible();
  await expect(page.getByText(hostile)).toBeHidden();
  await page.goto("/admin/users?status=rejected");
  await expect(page.getByText("1 user", { exact: true }).first()).toBeVisible();
});

test("invitations: by mail, as a link shown once, revoked", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/invitations");
  await expect(page.getByText("No invitations yet")).toBeVisible();
  await page.getByRole("button", { name: "New invitation" }).click();
  await page.getByLabel("E-mail address").fill("guest@example.com");
  await clean();
  await page.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByText("on its way to guest@example.com")).toBeVisible();
  await page.getByRole("button", { name: "New invitation" }).click();
  await page.getByText("As a link").click();
  await page.getByLabel("How many may use it").fill("20");
  await page.getByRole("button", { name: "Make link" }).click();
  await expect(page.getByRole("textbox", { name: "Invitation link" })).toHaveValue(/invitationToken=/);
  await clean();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await expect(page.getByText("0 of 20 used")).toBeVisible();
  await page.getByRole("button", { name: "Revoke" }).first().click();
  await expect(page.getByText("Revoked", { exact: true })).toBeVisible();
  await clean();
});

test("live sessions, the palette and the keys", async ({ page, server, clean }) => {
  await enter(page, server, "/admin/sessions");
  await expect(page.getByText("Yours").first()).toBeVisible();
  await clean();
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByPlaceholder("Page, address or name").fill("person0042");
  await expect(page.getByRole("option", { name: /Person 0042/ })).toBeVisible();
  await clean();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Person 0042" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await clean();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page.getByRole("heading", { name: "Approvals" })).toBeVisible();
});

test.describe("locks", () => {
  test.use({ allow: /40[0-9]|429/ });
  test("a locked account is seen and unlocked", async ({ page, server, clean }) => {
    await enter(page, server, "/admin/locks");
    await expect(page.getByText("Nothing is locked")).toBeVisible();
    for (let i = 0; i < 8; i++) await server.post("/sign-in/email", { email: "person0500@example.com", password: "wrong wrong" });
    await page.reload();
    const unlock = page.getByRole("button", { name: "Unlock" });
    await expect(unlock.or(page.getByText("Nothing is locked"))).toBeVisible();
    await clean();
  });
});

for (const width of [320, 768]) {
  test(`at ${width} px, dark and from right to left`, async ({ page, server, clean }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await page.context().addCookies([{ name: "gatehouse-language", value: width === 320 ? "ar" : "de", url: server.url }]);
    await enter(page, server, "/admin/users?q=l&mode=contains&in=name");
    await expect(rowsOf(page).first()).toBeVisible();
    for (const path of ["users", "approvals", "invitations", "sessions", "locks"]) {
      await page.goto(`/admin/${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      if (path === "users") await expect(rowsOf(page).first()).toBeVisible();
      expect(await overflows(page), path).toBe(0);
      await clean();
    }
    await page.goto("/admin/users?q=long@");
    await page.locator("[data-open]").first().click();
    await expect(page.getByRole("dialog")).toContainText("Wolfeschlegel");
    expect(await overflows(page)).toBe(0);
    await clean();
  });
}

test.describe("a list that fails", () => {
  test.use({ allow: /500|503/ });
  test("says so, and comes back", async ({ page, server, clean }) => {
    await page.route("**/console/users?**", (route) => route.fulfill({ status: 500, contentType: "application/json", body: '{"code":"INTERNAL_SERVER_ERROR","message":"Internal Server Error"}' }));
    await enter(page, server, "/admin/users");
    await expect(page.getByRole("alert")).toBeVisible({ timeout: 15_000 });
    await clean();
    await page.unroute("**/console/users?**");
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByText(/users$/).first()).toBeVisible();
  });
});
