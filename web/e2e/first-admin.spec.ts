import { password } from "./server";
import { expect, test } from "./test";

test("the first minute: the printed link makes the administrator, once", async ({ page, server, clean }) => {
  await page.goto(await server.firstAdminLink());
  await expect(page.getByRole("heading", { name: "Become the first administrator" })).toBeVisible();
  await expect(page).toHaveURL(/\/auth\/first-admin$/); // the token is out of the address
  await clean();
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page.getByText("Enter your name")).toBeVisible();
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});

test("a link that is no good says what to do", async ({ page, clean }) => {
  await page.goto("/auth/first-admin");
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await clean();
  await page.goto("/auth/unlock");
  await expect(page.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await clean();
});
