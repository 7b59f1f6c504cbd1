// Answers of the console's routes for states that a new server does not have:
// much of everything, what failed, and texts of strangers that mean harm.
import type { Page } from "@playwright/test";

export const hostile = `<img src=x onerror=alert(1)>\u202Egnp.exe ${"x".repeat(200)}`;

const now = Date.now();
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
const hour = 3_600_000;

const wave = (i: number, most: number) => Math.round(most * (0.55 + 0.45 * Math.sin(i / 3.8)) + ((i * 7) % 5) * (most / 30));

export const overview = {
  at: ago(0),
  users: { value: 1_048_576, exact: false },
  newToday: 312,
  active24h: 18_204,
  signIns24h: 24_981,
  failedSignIns24h: 417,
  pending: 7,
  sessions: { value: 33_120, exact: true },
  series: {
    range: "24h",
    step: 3600,
    points: Array.from({ length: 25 }, (_, i) => ({ at: new Date(Math.floor(now / hour) * hour - (24 - i) * hour).toISOString(), signUps: wave(i, 60), signIns: wave(i + 2, 400), failures: i === 12 ? null : wave(i + 9, 25) })),
  },
  checklist: [
    { id: "mail", status: "unsafe", message: "no mail server: mails stay in the mailbox of the developer", fix: "set mail.smtp.url, or mail.webhook.url" },
    { id: "baseURL", status: "look", message: "the public address is http://localhost", fix: "set baseURL to the https:// address that people open" },
    { id: "secret", status: "ok", message: "the secret has 256 bits", fix: null },
    { id: "database", status: "ok", message: "the database answers and is up to date", fix: null },
  ],
};

const mail = (i: number, state: string, more: object = {}) => ({
  id: `mail${i}`,
  kind: ["reset-password", "verification-email", "invitation"][i % 3],
  recipient: i === 2 ? `${"very-long-address-".repeat(8)}@example.com` : `grace.hopper+${i}@example.com`,
  state,
  attempts: state === "dead" ? 8 : 1,
  nextAttemptAt: state === "pending" ? ago(-3) : null,
  lastError: state === "sent" ? null : i === 1 ? hostile : "smtp.example.com: 550 5.1.1 mailbox unavailable",
  createdAt: ago(i * 37),
  sentAt: state === "sent" ? ago(i * 36) : null,
  ...more,
});

export const mails = (state: string) => ({ mails: Array.from({ length: state === "dead" ? 6 : 3 }, (_, i) => mail(i, state)), next: null, counts: { pending: 3, dead: 6 } });

export const health = {
  at: ago(0),
  status: "degraded",
  version: "v0.9.0-71-g6f6c0b1",
  startedAt: ago(60 * 53),
  store: { kind: "postgres", latencyMs: 1.374, error: null, notes: ["there is no trigram index: a search for a part of an address reads every row"] },
  hashing: { size: 4, running: 4, waiting: 9, limit: 64 },
  jobs: [
    { name: "outbox", every: 5, runs: 12_345, lastRun: ago(0), lastTookMs: 2.4, failures: 0, lastError: null, lastErrorAt: null, running: true },
    { name: "session.sweep", every: 3600, runs: 53, lastRun: ago(12), lastTookMs: 118.2, failures: 0, lastError: null, lastErrorAt: null, running: false },
    { name: "audit.forward", every: 30, runs: 900, lastRun: ago(1), lastTookMs: 10_000, failures: 3, lastError: hostile, lastErrorAt: ago(1), running: false },
    { name: "audit.prune", every: 86400, runs: 0, lastRun: null, lastTookMs: null, failures: 0, lastError: null, lastErrorAt: null, running: false },
  ],
  mail: { pending: 3, dead: 6 },
  migrations: { pending: ['ALTER TABLE "user" ADD COLUMN "lastLoginMethod" text'] },
};

export const settings = {
  file: "/etc/gatehouse/gatehouse.yaml",
  settings: [
    { path: "appName", value: "Acme", source: "file", secret: false, default: "Gatehouse" },
    { path: "baseURL", value: "https://auth.acme.test", source: "env", secret: false, default: null },
    { path: "secret", value: true, source: "env", secret: true, default: null },
    { path: "listen", value: "127.0.0.1:3000", source: "flag", secret: false, default: "127.0.0.1:3000" },
    { path: "session.expiresIn", value: "7d", source: "default", secret: false, default: "7d" },
    { path: "session.updateAge", value: "1d", source: "default", secret: false, default: "1d" },
    { path: "mail.smtp.password", value: null, source: "default", secret: true, default: null },
    { path: "mail.smtp.url", value: null, source: "default", secret: false, default: null },
    { path: "trustedOrigins", value: ["https://shop.acme.test", hostile], source: "file", secret: false, default: [] },
    { path: "plugins.lockout.account.maxFailures", value: 10, source: "default", secret: false, default: 10 },
    { path: "plugins.lockout.account.duration", value: "15m", source: "default", secret: false, default: "15m" },
  ],
};

export const roles = {
  statements: {
    user: ["create", "list", "get", "update", "set-role", "ban", "delete", "set-password", "set-email", "impersonate", "impersonate-admins"],
    session: ["list", "revoke", "delete"],
    mail: ["read", "retry"],
    system: ["read"],
    audit: ["read"],
  },
  roles: [
    { name: "admin", permissions: { user: ["create", "list", "get", "update", "set-role", "ban", "delete", "set-password", "set-email", "impersonate"], session: ["list", "revoke", "delete"], mail: ["read", "retry"], system: ["read"], audit: ["read"] }, admin: true, default: false },
    { name: "moderator", permissions: { user: ["list", "get", "ban"], session: ["list", "revoke"] }, admin: false, default: false },
    { name: "user", permissions: {}, admin: false, default: true },
    { name: hostile, permissions: { user: ["list"] }, admin: false, default: false },
  ],
  custom: false,
};

export const access = {
  permissions: { user: ["list", "get"], mail: ["read", "retry"], system: ["read"], people: ["import", "export"] },
  features: { approval: true, audit: true, lockout: true, mail: true, server: true, import: true, export: true, stepUp: false },
  limits: { page: 200, bulk: 500, importBytes: 1 << 20 },
  version: "v0.9.0",
};

export const imported = (dryRun: boolean) => [
  { type: "refused", row: 3, email: "not an address", reason: "email: not an address" },
  { type: "refused", row: 7, email: hostile, reason: "role: nobody may have the role \"king\"" },
  { type: "skipped", row: 9, email: "ada@example.com", reason: "there is an account with this address" },
  { type: "progress", rows: 500, created: 497, skipped: 1, refused: 2 },
  { type: "done", rows: 1200, created: 1197, skipped: 1, refused: 2, dryRun },
];

// answer stands in for a route of the console.
export async function answer(page: Page, path: RegExp, body: unknown, status = 200) {
  await page.route(path, (route) => route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) }));
}
