// The account pages: every page in its states, light and dark, narrow and
// wide; and what people do there, against a real server.
import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";
import { password, type Server } from "./server";
import { expect, overflows, test } from "./test";

// Names and user agents that must show as text and break nothing.
const hostile = `<img src=x onerror="alert(1)"> \u202egnp.exe ${"Wolfeschlegelsteinhausenbergerdorff".repeat(4)}`.slice(0, 200);
const hostileAgent = '<script>alert(1)</script> "><img src=x onerror=alert(1)>';
const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";
const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

const options = {
  plugins: { approval: { mode: "open" }, stepUp: {} },
  user: { deleteUser: { enabled: true } },
  socialProviders: { github: { clientId: "id", clientSecret: "secret" }, google: { clientId: "id", clientSecret: "secret" } },
};

let count = 0;

// enter makes a person, signed in in this browser.
async function enter(page: Page, server: Server, name = "Grace Hopper"): Promise<string> {
  const email = `grace.${process.pid}.${++count}@example.com`;
  await server.signUp(email, name);
  await signIn(page, server, email);
  return email;
}

// signIn goes around the form; agent is another device's.
async function signIn(page: Page, server: Server, email: string) {
  const answer = await page.request.post("/api/auth/sign-in/email", { data: { email, password }, headers: { Origin: server.url } });
  expect(answer.ok()).toBe(true);
}

const elsewhere = (server: Server, email: string, agent: string) => server.post("/sign-in/email", { email, password }, { "User-Agent": agent });

const field = (page: Page, name: string | RegExp) => page.getByRole("textbox", { name });
const title = (page: Page, name: string) => expect(page.getByRole("heading", { level: 1, name })).toBeVisible();

// looks checks how a page looks everywhere; SHOTS names a folder for pictures.
async function looks(page: Page, clean: () => Promise<void>, name: string) {
  const shot = async (how: string) => {
    await page.evaluate(() => document.fonts.ready);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${how}.png`, animations: "disabled", caret: "hide", fullPage: true });
  };
  await clean();
  await shot("light");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await clean();
  await shot("dark");
  for (const width of [768, 320]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await overflows(page), `at ${width} pixels`).toBe(0);
    await shot(String(width));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize({ width: 1280, height: 800 });
}

test.describe("with everything on", () => {
  test.use({ options });

  test("nobody is asked to sign in, and comes back to the page", async ({ page, server }) => {
    const email = await enter(page, server);
    await page.context().clearCookies();
    await page.goto("/account/sessions");
    await expect(page).toHaveURL(/\/auth\/sign-in\?callbackURL=%2Faccount%2Fsessions$/);
    await field(page, "E-mail address").fill(email);
    await field(page, "Password").fill(password);
    await page.keyboard.press("Enter");
    await title(page, "Devices");
  });

  test("profile: the name changes, and a hostile one is text", async ({ page, server, clean }) => {
    await enter(page, server);
    await page.goto("/account");
    await title(page, "Profile");
    await looks(page, clean, "account-profile");
    await field(page, "Your name").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Enter your name")).toBeVisible();
    await field(page, "Your name").fill(hostile);
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved", { exact: true }).first()).toBeVisible();
    await page.reload();
    await expect(field(page, "Your name")).toHaveValue(hostile);
    await expect(page.locator("main img")).toHaveCount(0);
    await looks(page, clean, "account-profile-hostile");
  });

  test("e-mail: a new address proves itself, step by step", async ({ page, server, clean }) => {
    const email = await enter(page, server);
    const wanted = `new.${email}`;
    await page.goto("/account");
    await page.getByRole("button", { name: "Send confirmation mail" }).click();
    await expect(page.getByText("A mail with a link is on its way.").first()).toBeVisible();
    await page.goto(await server.link(email, /verification/));
    await expect(page.getByText("Your address is confirmed.")).toBeVisible();
    expect(new URL(page.url()).search).toBe("");
    await field(page, "New e-mail address").fill(email.toUpperCase());
    await page.getByRole("button", { name: "Change address" }).click();
    await expect(page.getByText("This is your address already")).toBeVisible();
    await field(page, "New e-mail address").fill(wanted);
    await page.getByRole("button", { name: "Change address" }).click();
    await expect(page.getByText(`Two steps are left: open the link in the mail to ${email}`)).toBeVisible();
    await looks(page, clean, "account-email");
    await page.goto(await server.link(email, /change-email/));
    await expect(page.getByText(`The link worked. Your address is ${email}`)).toBeVisible();
    await page.goto(await server.link(wanted, /verification/));
    await expect(page.getByText(`The link worked. Your address is ${wanted}`)).toBeVisible();
    await page.goto("/account?error=TOKEN_EXPIRED");
    await expect(page.getByText("This link has expired.")).toBeVisible();
  });

  test.describe(() => {
    test.use({ allow: /40[01]/ });
    test("password: the wrong one is refused, the right one ends other devices", async ({ page, server, clean }) => {
      const email = await enter(page, server);
      await elsewhere(server, email, phone);
      await page.goto("/account/password");
      await title(page, "Password");
      await expect(field(page, "Current password")).toBeVisible();
      await looks(page, clean, "account-password");
      await field(page, "Current password").fill("not this one");
      await field(page, "New password").fill("short");
      await page.getByRole("button", { name: "Save password" }).click();
      await expect(page.getByText(/^Use at least/)).toBeVisible();
      await field(page, "New password").fill("another horse battery");
      await page.getByRole("button", { name: "Save password" }).click();
      await expect(page.getByText("The password is wrong.")).toBeVisible();
      await field(page, "Current password").fill(password);
      await page.keyboard.press("Enter");
      await expect(page.getByRole("note").getByText("Your password is saved.")).toBeVisible();
      await page.goto("/account/sessions");
      await expect(page.getByText("Only this device is signed in.")).toBeVisible();
      expect((await server.post("/sign-in/email", { email, password: "another horse battery" })).ok).toBe(true);
    });
  });

  test("password: who has none gets a link", async ({ page, server, clean }) => {
    const email = await enter(page, server);
    await page.route("**/list-accounts", (route) => route.fulfill({ json: [{ id: "1", providerId: "github", accountId: "7", createdAt: new Date(), updatedAt: new Date(), userId: "u", scopes: [] }] }));
    await page.goto("/account/password");
    await page.getByRole("button", { name: "Mail me a link" }).click();
    await expect(page.getByText(`A mail with a link is on its way to ${email}`).first()).toBeVisible();
    expect(await server.link(email, /reset/)).toContain("/reset-password/");
    await clean();
  });

  test("devices: one is signed out, then all others", async ({ page, server, clean }) => {
    const email = await enter(page, server);
    for (const agent of [phone, firefox, hostileAgent]) await elsewhere(server, email, agent);
    await page.goto("/account/sessions");
    const list = page.getByRole("list", { name: "Signed-in devices" });
    await expect(list.getByRole("listitem")).toHaveCount(5); // one is the registration's
    await expect(list.getByRole("listitem").first()).toContainText("This device");
    await expect(list).toContainText("Safari on iOS");
    await expect(list).toContainText("<script>alert(1)</script>");
    await looks(page, clean, "account-devices");
    await page.getByRole("button", { name: "Sign out Firefox on Windows" }).focus();
    await page.keyboard.press("Enter");
    await expect(list.getByRole("listitem")).toHaveCount(4);
    await expect(page.getByRole("status").getByText("Firefox on Windows is signed out.")).toHaveCount(1);
    await page.getByRole("button", { name: "Sign out all others" }).click();
    await expect(page.getByText("Only this device is signed in.")).toBeVisible();
    await expect(list.getByRole("listitem")).toHaveCount(1);
    await looks(page, clean, "account-devices-alone");
  });

  test("linked accounts: the last one stays, another can be added", async ({ page, server, clean }) => {
    await enter(page, server);
    await page.goto("/account/linked");
    await expect(page.getByText("The only way in, so it stays")).toBeVisible();
    await looks(page, clean, "account-linked");
    await page.route("https://github.com/**", (route) => route.fulfill({ body: "the provider" }));
    const asked = page.waitForRequest(/github\.com\/login\/oauth\/authorize/);
    await page.getByRole("button", { name: "Link GitHub" }).click();
    await asked;
    await page.goto("/account/linked?error=account_already_linked_to_different_user");
    await expect(page.getByRole("alert")).toContainText("belongs to another person");
    await page.goto("/account/linked?error=%3Cimg%20src%3Dx%3E");
    await expect(page.getByRole("alert")).toHaveText("It could not be linked. Try again.");
  });

  test("linked accounts: unlinking asks first", async ({ page, server, clean }) => {
    await enter(page, server);
    const at = new Date();
    const all = ["credential", "github"].map((providerId, i) => ({ id: String(i), providerId, accountId: "7", createdAt: at, updatedAt: at, userId: "u", scopes: [] }));
    await page.route("**/list-accounts", (route) => route.fulfill({ json: all }));
    await page.route("**/unlink-account", async (route) => {
      expect(route.request().postDataJSON()).toEqual({ accountId: "1" });
      all.pop();
      await route.fulfill({ json: { status: true } });
    });
    await page.goto("/account/linked?added=github");
    await expect(page.getByText("GitHub is linked.")).toBeVisible();
    await page.getByRole("button", { name: "Unlink GitHub" }).click();
    await expect(page.getByText("You will no longer be able to sign in with GitHub.")).toBeVisible();
    await clean();
    await page.getByRole("button", { name: "Unlink now" }).click();
    await expect(page.getByRole("button", { name: "Link GitHub" })).toBeVisible();
  });

  test("activity: what was done and tried, page by page", async ({ page, server, clean }) => {
    const email = await enter(page, server);
    await server.post("/sign-in/email", { email, password: "wrong battery" }, { "User-Agent": hostileAgent });
    await elsewhere(server, email, phone);
    await page.goto("/account/activity");
    await expect(page.getByText("Failed sign-in")).toBeVisible();
    await expect(page.getByText("<script>alert(1)</script>").first()).toBeVisible();
    await expect(page.getByText("Account made")).toBeVisible();
    await looks(page, clean, "account-activity");
    for (let i = 0; i < 24; i++) await page.request.post("/api/auth/update-user", { data: { name: `Grace ${i}` }, headers: { Origin: server.url } });
    await page.reload();
    const entries = page.getByRole("main").getByRole("listitem");
    await expect(entries).toHaveCount(25);
    await page.getByRole("button", { name: "Show older" }).click();
    await expect(page.getByText("Account made")).toBeVisible();
    expect(await entries.count()).toBeGreaterThan(27);
    await page.route("**/api/auth/account/activity*", (route) => route.fulfill({ json: { entries: [], next: "" } }));
    await page.reload();
    await expect(page.getByText("Sign-ins and changes of your account appear here.")).toBeVisible();
  });

  test("data: everything as one file", async ({ page, server, clean }) => {
    const email = await enter(page, server);
    await page.goto("/account/data");
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const file = JSON.parse(readFileSync(await (await downloading).path(), "utf8"));
    expect(file.user.email).toBe(email);
    await expect(page.getByRole("note").getByText("Your data are downloaded.")).toBeVisible();
    await looks(page, clean, "account-data");
  });

  test.describe(() => {
    test.use({ allow: /40[01]/ });
    test("deletion: the address is typed, then it is over", async ({ page, server, clean }) => {
      const email = await enter(page, server);
      await page.goto("/account/data");
      await page.getByRole("button", { name: "Delete account …" }).click();
      await page.getByRole("button", { name: "Delete account for ever" }).click();
      await expect(page.getByText("This is not your address")).toBeVisible();
      await field(page, /^Type your e-mail/).fill(email);
      await field(page, "Password").fill("wrong battery");
      await page.getByRole("button", { name: "Delete account for ever" }).click();
      await expect(page.getByText("The password is wrong.")).toBeVisible();
      await looks(page, clean, "account-delete");
      await field(page, "Password").fill(password);
      await page.keyboard.press("Enter");
      await expect(page).toHaveURL(/\/auth\/signed-out$/);
      expect((await server.post("/sign-in/email", { email, password })).status).toBe(401);
    });
  });

  test.describe(() => {
    test.use({ allow: /40[03]/ });
    test("a proof is asked for in the page, and the action is done again", async ({ page, server, clean }) => {
      const email = await enter(page, server);
      let asked = 0;
      await page.route("**/api/auth/update-user", (route) =>
        asked++ === 0 ? route.fulfill({ status: 403, json: { code: "STEP_UP_REQUIRED", message: "Please confirm that it is you, then try again", factors: ["password"] } }) : route.continue(),
      );
      await page.goto("/account");
      await field(page, "Your name").fill("Countess");
      await page.getByRole("button", { name: "Save" }).click();
      const proof = page.getByRole("region", { name: "Confirm that it is you" });
      await expect(field(page, "Password")).toBeFocused();
      await page.keyboard.type("wrong battery");
      await page.keyboard.press("Enter");
      await expect(proof.getByRole("alert")).toHaveText("The password is wrong.");
      await looks(page, clean, "account-proof");
      await field(page, "Password").fill(password);
      await page.keyboard.press("Enter");
      await expect(page.getByText("Saved", { exact: true }).first()).toBeVisible();
      await expect(proof).toHaveCount(0);
      await page.reload();
      await expect(field(page, "Your name")).toHaveValue("Countess");
      expect(email).toBeTruthy();
    });
  });

  test.describe(() => {
    test.use({ allow: /50[03]/ });
    test("what cannot be read says so, and is read again", async ({ page, server, clean }) => {
      await enter(page, server);
      await page.route("**/api/auth/account/activity*", (route) => route.fulfill({ status: 503, json: { code: "X", message: "x" } }), { times: 1 });
      await page.goto("/account/activity");
      await expect(page.getByText("The server is busy.")).toBeVisible();
      await clean();
      await page.getByRole("button", { name: "Try again" }).click();
      await expect(page.getByText("Account made")).toBeVisible();
    });
  });

  test("an unknown page says so, and each is reached by keyboard and menu", async ({ page, server }) => {
    await enter(page, server);
    await page.goto("/account/nothing");
    await title(page, "Nothing is here");
    for (const [link, name] of [["Password", "Password"], ["Devices", "Devices"], ["Linked accounts", "Linked accounts"], ["Activity", "Activity"], ["Data and deletion", "Data and deletion"], ["Profile", "Profile"]] as const) {
      await page.getByRole("navigation").getByRole("link", { name: link }).focus();
      await page.keyboard.press("Enter");
      await title(page, name);
      await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
      await expect(page.getByRole("link", { name: link })).toHaveAttribute("aria-current", "page");
    }
    await page.setViewportSize({ width: 320, height: 700 });
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("menuitemradio", { name: "Devices" }).click();
    await title(page, "Devices");
  });

  for (const [language, heading] of [["de", "Geräte"], ["ar", "الأجهزة"], ["ja", "デバイス"]] as const) {
    test(`in ${language}: nothing is clipped or left in English`, async ({ page, server, clean }) => {
      const email = await enter(page, server);
      for (const agent of [phone, firefox]) await elsewhere(server, email, agent);
      await page.context().addCookies([{ name: "gatehouse-language", value: language, url: server.url }]);
      await page.goto("/account/sessions");
      await title(page, heading);
      await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(4);
      expect(await page.evaluate(() => document.documentElement.dir)).toBe(language === "ar" ? "rtl" : "ltr");
      if (language === "ar") await looks(page, clean, "account-devices-ar");
      for (const path of ["/sessions", "", "/password", "/linked", "/activity", "/data"]) {
        await page.goto("/account" + path);
        await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
        await page.setViewportSize({ width: 320, height: 700 });
        expect(await overflows(page), path).toBe(0);
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${language}${path.replace("/", "-")}.png`, fullPage: true });
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    });
  }
});

test.describe("with a session that must be fresh", () => {
  test.use({ options: { ...options, session: { freshAge: "2s" } }, allow: /40[03]/ });

  test("devices are shown once the person confirmed, and no session is left over", async ({ page, server, clean }) => {
    await enter(page, server);
    const status = () => page.request.get("/api/auth/list-sessions").then((answer) => answer.status());
    await expect.poll(status).toBe(403);
    await page.goto("/account/sessions");
    await expect(page.getByRole("region", { name: "Confirm that it is you" })).toBeVisible();
    await clean();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText("The list is shown once you confirmed")).toBeVisible();
    await page.getByRole("button", { name: "Show the list" }).click();
    await field(page, "Password").fill(password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("list", { name: "Signed-in devices" }).getByRole("listitem")).toHaveCount(2);
  });
});

test.describe("where accounts are not deleted by their owners", () => {
  test.use({ options: { plugins: { approval: { mode: "open" } } } });

  test("the page says who does it", async ({ page, server, clean }) => {
    await enter(page, server);
    await page.goto("/account/data");
    await expect(page.getByText("Accounts of Acme are deleted by its administrators.")).toBeVisible();
    await expect(page.getByRole("link", { name: "Linked accounts" })).toHaveCount(0);
    await clean();
  });
});

test.describe("where deletion is confirmed by mail", () => {
  test.use({ options: { plugins: { approval: { mode: "open" } }, user: { deleteUser: { enabled: true, sendDeleteAccountVerification: true } } } });

  test("the link in the mail deletes", async ({ page, server }) => {
    const email = await enter(page, server);
    await page.goto("/account/data");
    await page.getByRole("button", { name: "Delete account …" }).click();
    await field(page, /^Type your e-mail/).fill(email);
    await field(page, "Password").fill(password);
    await page.keyboard.press("Enter");
    await expect(page.getByText(`A mail with a link is on its way to ${email}`).first()).toBeVisible();
    await page.goto(await server.link(email, /delete/));
    await expect(page).toHaveURL(/\/auth\/signed-out$/);
  });
});

test.describe("for the documentation", () => {
  test.use({ options });
  test.skip(!process.env.UPDATE_DOCS, "pictures are taken on demand");

  test("pictures", async ({ page, server }) => {
    const email = "grace@example.com";
    const picture = (name: string) => page.screenshot({ path: `${import.meta.dirname}/../../docs/img/ui/${name}.png`, animations: "disabled", caret: "hide" });
    await server.post("/sign-up/email", { name: "Grace Hopper", email, password }, { "User-Agent": firefox });
    await server.post("/sign-in/email", { email, password: "wrong battery" }, { "User-Agent": firefox });
    await elsewhere(server, email, phone);
    await signIn(page, server, email);
    await page.goto("/account/sessions");
    await expect(page.getByRole("main").getByRole("listitem")).toHaveCount(3);
    await page.evaluate(() => document.fonts.ready);
    await picture("account-devices-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture("account-devices-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.goto("/account/activity");
    await expect(page.getByText("Failed sign-in")).toBeVisible();
    await picture("account-activity-light");
  });
});
