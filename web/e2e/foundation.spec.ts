import { admin, password } from "./server";
import { expect, test } from "./test";

test("an administrator signs in with the keyboard alone and sees the console", async ({ page, server, clean }) => {
  await server.makeAdmin();
  await page.goto("/admin");
  await expect(page).toHaveURL(/\/auth\/sign-in\?callbackURL=%2Fadmin$/);
  await expect(page.getByRole("heading", { name: "Sign in to Acme" })).toBeVisible();
  await clean();
  await page.keyboard.press("Tab");
  await page.keyboard.type(admin.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
  await expect(page.getByText("Active in 24 hours")).toBeVisible();
  await clean();
});
