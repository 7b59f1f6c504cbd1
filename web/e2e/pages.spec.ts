// Every page around signing in, in its states: no fault, light and dark, and
// no wider than its window from 320 pixels on.
import type { Page } from "@playwright/test";
import { admin, password, type Server } from "./server";
import { expect, overflows, test } from "./test";

// A name that must show as text, and one that is long.
const hostile = '<img src=x onerror="alert(1)">';

interface State {
  title: string;
  open: (page: Page, server: Server) => Promise<void>;
  allow?: RegExp; // answers that the state is about
  shot?: string; // a picture in docs/img/ui
}

const field = (page: Page, name: string) => page.getByRole("textbox", { name });

async function fillSignUp(page: Page, email: string, submit: string) {
  await field(page, "Name").fill(hostile);
  await field(page, "E-mail address").fill(email);
  await field(page, "Password").fill(password);
  await page.getByRole("button", { name: submit }).click();
}

function states(name: string, options: Record<string, unknown>, all: Record<string, State>) {
  test.describe(name, () => {
    test.use({ options });
    for (const [what, { title, open, allow, shot }] of Object.entries(all)) {
      test.describe(() => {
        test.use({ allow: allow ?? null });
        test(what, async ({ page, server, clean }) => {
          await open(page, server);
          await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
          await expect(page).toHaveTitle(title.includes("Acme") ? title : `${title} · Acme`);
          for (const scheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
            await clean();
            await picture(page, `${what}-${scheme}`, shot && `${shot}-${scheme}`);
          }
          for (const width of [768, 320]) {
            await page.setViewportSize({ width, height: 700 });
            expect(await overflows(page), `at ${width} pixels`).toBe(0);
          }
          await picture(page, `${what}-narrow`);
        });
      });
    }
  });
}

// picture is for people: SHOTS names a folder for all of them, UPDATE_DOCS
// renews the few in the documentation.
async function picture(page: Page, what: string, documented?: string) {
  const { SHOTS, UPDATE_DOCS } = process.env;
  const paths = [SHOTS && `${SHOTS}/${what.replaceAll(/\W+/g, "-")}.png`, UPDATE_DOCS && documented && `${import.meta.dirname}/../../docs/img/ui/${documented}.png`];
  await page.evaluate(() => document.fonts.ready);
  for (const path of paths) if (path) await page.screenshot({ path, animations: "disabled", caret: "hide" });
}

const provider = { clientId: "id", clientSecret: "secret" };

states(
  "anybody may register",
  {
    plugins: { approval: { mode: "open" } },
    socialProviders: { google: provider, github: provider, gitlab: provider, discord: provider, slack: provider, spotify: provider },
    brand: { terms: "/terms", privacy: "/privacy", support: "mailto:help@example.com" },
    emailAndPassword: { requireEmailVerification: true },
  },
  {
    "sign in": { title: "Sign in to Acme", open: async (page) => void (await page.goto("/auth/sign-in")), shot: "sign-in" },
    "sign in, all providers": {
      title: "Sign in to Acme",
      open: async (page) => {
        await page.goto("/auth/sign-in");
        await expect(page.getByRole("button", { name: /^Continue with/ })).toHaveCount(4);
        await page.getByRole("button", { name: "More ways to sign in" }).click();
        await expect(page.getByRole("button", { name: /^Continue with/ })).toHaveCount(6);
      },
    },
    "sign in, nothing filled in": {
      title: "Sign in to Acme",
      open: async (page) => {
        await page.goto("/auth/sign-in");
        await page.getByRole("button", { name: "Sign in", exact: true }).click();
        await expect(field(page, "E-mail address")).toBeFocused();
        await expect(page.getByText("Enter your e-mail address")).toBeVisible();
        await expect(page.getByText("Enter your password")).toBeVisible();
      },
    },
    "sign in, wrong password": {
      title: "Sign in to Acme",
      allow: /401/,
      open: async (page) => {
        await page.goto("/auth/sign-in");
        await field(page, "E-mail address").fill("nobody@example.com");
        await field(page, "Password").fill("wrong password");
        await page.keyboard.press("Enter");
        await expect(page.getByRole("alert")).toHaveText("E-mail address or password is wrong.");
        await expect(field(page, "E-mail address")).toHaveValue("nobody@example.com");
      },
    },
    "sign up": { title: "Create your account", open: async (page) => void (await page.goto("/auth/sign-up")) },
    "sign up, then confirm": {
      title: "Confirm your address",
      open: async (page) => {
        await page.goto("/auth/sign-up");
        await fillSignUp(page, "a.very.long.address.of.somebody.who.likes.dots@mail.department.example.com", "Create account");
        await expect(page).toHaveURL(/\/auth\/verify-email$/);
        await expect(page.getByRole("button", { name: /Send again in \d+ seconds/ })).toBeDisabled();
      },
    },
    "sign in before confirming": {
      title: "Confirm your address",
      allow: /403/,
      open: async (page, server) => {
        await server.signUp("late@example.com");
        await page.goto("/auth/sign-in");
        await field(page, "E-mail address").fill("late@example.com");
        await field(page, "Password").fill(password);
        await page.keyboard.press("Enter");
        await expect(page.getByText("late@example.com")).toBeVisible();
      },
    },
    "address confirmed": {
      title: "Your address is confirmed",
      open: async (page, server) => {
        await page.goto("/auth/sign-up");
        await fillSignUp(page, "new@example.com", "Create account");
        await expect(page).toHaveURL(/verify-email/);
        await page.goto(await server.link("new@example.com", /verification/));
        await expect(page).toHaveURL(/\/auth\/verify-email$/);
      },
    },
    "address not confirmed": { title: "This link does not work", open: async (page) => void (await page.goto("/auth/verify-email?done=1&error=INVALID_TOKEN")) },
    "confirmation expired": {
      title: "Confirm your address",
      open: async (page) => {
        await page.goto("/auth/verify-email?done=1&error=TOKEN_EXPIRED");
        await expect(page.getByRole("heading", { name: "This link has expired" })).toBeVisible();
        await field(page, "E-mail address").fill("some@example.com");
        await page.getByRole("button", { name: "Send a new link" }).click();
      },
    },
    "forgot password": { title: "Forgot your password?", open: async (page) => void (await page.goto("/auth/forgot-password")) },
    "reset, to the end": {
      title: "Your password is saved",
      open: async (page, server) => {
        await server.signUp("forgetful@example.com");
        await page.goto("/auth/sign-in");
        await page.getByRole("link", { name: "Forgot password?" }).click();
        await field(page, "E-mail address").fill("forgetful@example.com");
        await page.getByRole("button", { name: "Send link" }).click();
        await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeFocused();
        await page.goto(await server.link("forgetful@example.com", /reset-password/));
        await expect(page.getByRole("heading", { name: "Choose a new password" })).toBeVisible();
        expect(new URL(page.url()).search).toBe(""); // the token left the address bar
        await field(page, "New password").fill("short");
        await page.getByRole("button", { name: "Save password" }).click();
        await expect(page.getByText("Use at least 8 characters")).toBeVisible();
        await field(page, "New password").fill("another horse battery");
        await page.getByRole("button", { name: "Save password" }).click();
      },
    },
    "check e-mail": {
      title: "Look into your mailbox",
      open: async (page) => {
        await page.goto("/auth/forgot-password");
        await field(page, "E-mail address").fill("somebody@example.com");
        await page.getByRole("button", { name: "Send link" }).click();
      },
    },
    "reset, a broken link": { title: "This link does not work", open: async (page) => void (await page.goto("/auth/reset-password?error=INVALID_TOKEN")) },
    "reset, a used link": {
      title: "This link does not work",
      allow: /400/,
      open: async (page) => {
        await page.goto("/auth/reset-password?token=usedalready");
        await field(page, "New password").fill("another horse battery");
        await page.getByRole("button", { name: "Save password" }).click();
      },
    },
    unauthorized: { title: "You may not open this", open: async (page) => void (await page.goto("/auth/unauthorized?role=admin")) },
    error: {
      title: "Something went wrong",
      open: async (page) => {
        await page.goto("/auth/error?error=<script>alert(1)</script>&error_description=Call+us");
        await expect(page.getByText("UNKNOWN")).toBeVisible();
        expect(await page.locator("body").textContent()).not.toContain("Call us");
      },
    },
    "error with advice": { title: "This account is not connected", open: async (page) => void (await page.goto("/auth/error?error=account_not_linked")) },
    "signed out": { title: "You are signed out", open: async (page) => void (await page.goto("/auth/signed-out")) },
    missing: { title: "Nothing is here", allow: /404/, open: async (page) => void (await page.goto("/auth/nothing")) },
  },
);

states(
  "an administrator decides",
  { plugins: { approval: { mode: "approval", requireReason: true, questions: [{ name: "team", label: "Which team are you in?" }] } } },
  {
    "request access, to the end": {
      title: "Waiting for approval",
      open: async (page, server) => {
        await server.makeAdmin();
        await page.goto("/auth/sign-in");
        await page.getByRole("link", { name: "Request access" }).click();
        await expect(page.getByRole("heading", { name: "Request access to Acme" })).toBeFocused();
        await fillSignUp(page, "wish@example.com", "Send request");
        await expect(field(page, "Why do you need access?")).toBeFocused();
        await field(page, "Why do you need access?").fill("I bought it");
        await page.getByRole("button", { name: "Send request" }).click();
        await expect(page.getByText("wish@example.com")).toBeVisible();
      },
      shot: "pending",
    },
    "request access": {
      title: "Request access to Acme",
      open: async (page, server) => {
        await server.makeAdmin();
        await page.goto("/auth/request-access");
      },
      shot: "request-access",
    },
    "sign in while waiting": {
      title: "Waiting for approval",
      allow: /403/,
      open: async (page, server) => {
        await server.makeAdmin();
        const answer = await server.post("/sign-up/email", { name: "Eve", email: "eve@example.com", password, reason: "Why not" });
        expect(answer.status).toBe(200);
        await page.goto("/auth/sign-in");
        await field(page, "E-mail address").fill("eve@example.com");
        await field(page, "Password").fill(password);
        await page.keyboard.press("Enter");
      },
    },
    "unauthorized, signed in": {
      title: "You may not open this",
      open: async (page, server) => {
        await server.makeAdmin();
        await page.goto("/auth/sign-in?callbackURL=/auth/unauthorized");
        await field(page, "E-mail address").fill(admin.email);
        await field(page, "Password").fill(password);
        await page.keyboard.press("Enter");
        await expect(page.getByText(admin.email)).toBeVisible();
      },
    },
  },
);

states("nobody may register", { plugins: { approval: { mode: "closed" } } }, {
  "registration closed": { title: "Registration is closed", open: async (page) => void (await page.goto("/auth/sign-up")) },
});

states("by invitation", { plugins: { approval: { mode: "invite", closedUntilFirstAdmin: false } } }, {
  "without an invitation": { title: "By invitation only", open: async (page) => void (await page.goto("/auth/sign-up")) },
  "with an invitation that does not hold": {
    title: "Accept your invitation",
    allow: /403/,
    open: async (page) => {
      await page.goto("/auth/sign-up?invitationToken=made-up");
      await expect(page).toHaveURL(/\/auth\/sign-up$/);
      await fillSignUp(page, "dan@example.com", "Create account");
      await expect(page.getByRole("alert")).toContainText("This invitation is old, used, or for another address");
    },
  },
});
