import { clientId, clientSecret, startIdentityProvider, type IdentityProvider } from "./identity-provider";
import { expect, test } from "./test";

// The server knows the provider by its discovery address alone.
const provider: IdentityProvider = await startIdentityProvider();
test.use({
  options: {
    outbound: { allowPrivate: true },
    plugins: {
      approval: { mode: "open" },
      "generic-oauth": {
        config: [
          {
            providerId: "acme",
            name: "Acme ID",
            discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
            clientId,
            clientSecret,
            authentication: "basic",
            scopes: ["openid", "email", "profile"],
          },
        ],
      },
    },
  },
});

// The provider's own pages are not ours to judge.
test.use({ allow: /^(console|policy|request): / });

test("somebody new signs in at the provider, agrees, and is back with a session", async ({ page }) => {
  await page.goto("/auth/sign-in");
  await page.getByRole("button", { name: /Acme ID/ }).click();
  await page.getByPlaceholder("Enter any login").fill("ada");
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/\/account/);
  const session = await page.evaluate(() => fetch("/api/auth/get-session").then((answer) => answer.json()));
  expect(session.user).toMatchObject({ email: "ada@acme.example", emailVerified: true, name: "Ada" });
});

test("who does not agree ends at the page for errors, signed out", async ({ page }) => {
  await page.goto("/auth/sign-in");
  await page.getByRole("button", { name: /Acme ID/ }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page).toHaveURL(/\/auth\/error\?error=access_denied/);
  expect(await page.evaluate(() => fetch("/api/auth/get-session").then((answer) => answer.text()))).toBe("null");
});
