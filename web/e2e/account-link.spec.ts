// Linking and unlinking at a real OpenID provider.
import { clientId, clientSecret, startIdentityProvider } from "./identity-provider";
import { password, Server } from "./server";
import { expect, test } from "./test";

const provider = await startIdentityProvider();

// The provider's own pages are not ours to judge.
test.use({ allow: /^(console|policy|request): / });

test("an account is linked at the provider, and unlinked again", async ({ page }) => {
  const acme = {
    providerId: "acme",
    name: "Acme ID",
    discoveryUrl: `${provider.issuer}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    authentication: "basic",
    scopes: ["openid", "email", "profile"],
  };
  const server = await Server.start({
    outbound: { allowPrivate: true },
    account: { accountLinking: { allowDifferentEmails: true } },
    plugins: { approval: { mode: "open" }, "generic-oauth": { config: [acme] } },
  });
  try {
    const email = "grace@example.com";
    await server.signUp(email);
    await page.goto(server.url + "/auth/sign-in?callbackURL=/account/linked");
    await page.getByRole("textbox", { name: "E-mail address" }).fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Link Acme ID" }).click();
    await page.getByPlaceholder("Enter any login").fill("grace");
    await page.getByPlaceholder("and password").fill("anything");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByText("Acme ID is linked. You can sign in with it now.")).toBeVisible();
    expect(new URL(page.url()).search).toBe("");

    await page.getByRole("button", { name: "Unlink Acme ID" }).click();
    await page.getByRole("button", { name: "Unlink now" }).click();
    await expect(page.getByRole("button", { name: "Link Acme ID" })).toBeVisible();
    await expect(page.getByText("The only way in, so it stays")).toBeVisible();
  } finally {
    await server.stop();
  }
});
