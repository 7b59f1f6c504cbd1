// How the pages are used: by keyboard, in another language, from right to
// left, on a slow line, and what they must not cost.
import { gzipSync } from "node:zlib";
import { admin, password } from "./server";
import { expect, overflows, test } from "./test";

test("signing in by keyboard alone, in the order of the eye", async ({ page, server }) => {
  await server.makeAdmin();
  await page.goto("/auth/sign-in");
  const order = [
    page.getByRole("textbox", { name: "E-mail address" }),
    page.getByRole("textbox", { name: "Password" }),
    page.getByRole("button", { name: "Show password" }),
    page.getByRole("checkbox", { name: "Stay signed in" }),
    page.getByRole("button", { name: "Sign in", exact: true }),
    page.getByRole("link", { name: "Forgot password?" }),
    page.getByRole("link", { name: "Request access" }),
    page.getByRole("button", { name: "Language" }),
    page.getByRole("button", { name: "Appearance" }),
  ];
  for (const stop of order) {
    await page.keyboard.press("Tab");
    await expect(stop).toBeFocused();
    expect(await stop.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");
  }
  await order[0]!.focus();
  await page.keyboard.type(admin.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await expect(page.locator("input[name=password]")).toHaveAttribute("type", "text");
  await expect(order[2]!).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/account$/);
});

test("fields say to password managers what they are", async ({ page, server }) => {
  await server.makeAdmin();
  await page.goto("/auth/sign-in");
  await expect(page.locator("input[name=email]")).toHaveAttribute("autocomplete", "username webauthn");
  await expect(page.locator("input[name=password]")).toHaveAttribute("autocomplete", "current-password");
  await page.goto("/auth/request-access");
  await expect(page.locator("input[name=email]")).toHaveAttribute("autocomplete", "email");
  await expect(page.locator("input[name=password]")).toHaveAttribute("autocomplete", "new-password");
});

test.describe(() => {
  test.use({ allow: /403/ });
  test("an address that is not trusted is not gone to", async ({ page, server }) => {
    await server.makeAdmin();
    await page.goto("/auth/sign-in?callbackURL=https://evil.example/");
    await page.getByRole("textbox", { name: "E-mail address" }).fill(admin.email);
    await page.getByRole("textbox", { name: "Password" }).fill(password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toContainText("The address to return to is not allowed");
  });

  test("a role that is missing leads to the page that says so", async ({ page, server }) => {
    await server.makeAdmin();
    const answer = await server.post("/sign-in/email", { email: admin.email, password });
    const cookie = answer.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
    await server.post("/admin/create-user", { email: "user@example.com", password, name: "User" }, { Cookie: cookie });
    await page.goto("/admin");
    await page.getByRole("textbox", { name: "E-mail address" }).fill("user@example.com");
    await page.getByRole("textbox", { name: "Password" }).fill(password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "You may not open this" })).toBeVisible();
    await page.getByRole("button", { name: "Use another account" }).click();
    await expect(page).toHaveURL(/\/auth\/sign-in$/);
  });
});

const titles: Record<string, string> = { de: "Bei Acme anmelden", es: "Iniciar sesión en Acme", fr: "Se connecter à Acme", ar: "تسجيل الدخول إلى Acme", ja: "Acme にサインイン" };
for (const [language, title] of Object.entries(titles)) {
  test.describe(() => {
    test.use({ locale: language });
    test(`the pages speak ${language}`, async ({ page, server, clean }) => {
      await server.makeAdmin();
      await page.goto("/auth/sign-in");
      await expect(page.getByRole("heading", { name: title })).toBeVisible();
      await clean();
      const { SHOTS } = process.env;
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/language-${language}.png` });
      for (const path of ["/auth/sign-in", "/auth/request-access", "/auth/unauthorized", "/auth/error?error=account_not_linked"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.setViewportSize({ width: 320, height: 700 });
        expect(await overflows(page), `${path} at 320 pixels`).toBe(0);
        if (SHOTS) await page.screenshot({ path: `${SHOTS}/language-${language}-${path.replaceAll(/\W+/g, "-")}.png` });
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    });
  });
}

test("a chosen language and theme stay, from the first paint", async ({ page }) => {
  await page.goto("/auth/forgot-password");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitemradio", { name: "العربية" }).click();
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(page.getByRole("heading", { name: "هل نسيت كلمة المرور؟" })).toBeVisible();
  await page.getByRole("button", { name: "المظهر" }).press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const answer = await page.reload();
  expect(await answer!.text()).toContain('<html lang="ar" dir="rtl" data-theme="dark">');
  await expect(page.getByRole("heading", { name: "هل نسيت كلمة المرور؟" })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe("dark");
});

test("caps lock is said", async ({ page, server }) => {
  await server.makeAdmin();
  await page.goto("/auth/sign-in");
  const field = page.getByRole("textbox", { name: "Password" });
  await field.evaluate((element) => element.dispatchEvent(new KeyboardEvent("keyup", { key: "A", bubbles: true, modifierCapsLock: true })));
  await expect(page.getByText("Caps Lock is on")).toBeVisible();
});

test("the first load keeps to its budget, and asks the server nothing", async ({ page, server }) => {
  await server.makeAdmin();
  const sizes: Record<string, number> = {};
  const paths: string[] = [];
  page.on("response", async (response) => {
    const path = new URL(response.url()).pathname;
    paths.push(path);
    const kind = /\.(js|css|woff2)$/.exec(path)?.[1];
    if (kind) sizes[kind] = (sizes[kind] ?? 0) + (kind === "woff2" ? 1 : gzipSync(await response.body(), { level: 9 }).length);
  });
  await page.goto("/auth/sign-in", { waitUntil: "networkidle" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(paths.filter((path) => path !== "/auth/sign-in" && !path.startsWith("/auth/assets/"))).toEqual([]);
  test.info().annotations.push({ type: "first load", description: JSON.stringify(sizes) });
  expect(sizes.js).toBeLessThanOrEqual(100_000);
  expect(sizes.css).toBeLessThanOrEqual(8_000);
  expect(sizes.woff2).toBe(1);
});

test("the console keeps to its budget", async ({ page, server }) => {
  await server.makeAdmin();
  let script = 0;
  page.on("response", async (response) => {
    if (/\/admin\/.*\.js$/.test(response.url())) script += gzipSync(await response.body(), { level: 9 }).length;
  });
  await page.goto("/auth/sign-in?callbackURL=/admin");
  await page.getByRole("textbox", { name: "E-mail address" }).fill(admin.email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(script).toBeGreaterThan(0);
  expect(script).toBeLessThanOrEqual(220_000);
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await overflows(page)).toBe(0);
  await page.getByRole("button", { name: "Open the navigation" }).click();
  await expect(page.getByRole("link", { name: "Overview" })).toBeVisible();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/console-narrow.png` });
});
