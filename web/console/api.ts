// The console's own routes (docs/reference/console-api.md) and those of the
// audit log: one function each, the answer as its type.
import { boot } from "ui/boot";
import { Refusal, toSignIn } from "./client";

export type Query = Record<string, string | number | boolean | null | undefined>;

// at is the address of a route, without what is empty in its query.
export function at(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return boot.base + path + (text && "?" + text);
}

// refusalOf is what an answer that is not success says.
export async function refusalOf(answer: Response): Promise<Refusal> {
  const said = (await answer.json().catch(() => null)) as { code?: string; message?: string } | null;
  return new Refusal(answer.status, said?.code ?? "", said?.message ?? answer.statusText);
}

// send is fetch, with a Refusal for what is not success. Who is no longer
// signed in goes to sign in.
export async function send(path: string, query?: Query, init?: RequestInit): Promise<Response> {
  const answer = await fetch(at(path, query), { credentials: "same-origin", cache: "no-store", ...init });
  if (answer.ok) return answer;
  if (answer.status === 401) toSignIn();
  throw await refusalOf(answer);
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, query, { signal })).json()) as T;
}

export async function post<T>(path: string, body: object = {}, signal?: AbortSignal): Promise<T> {
  const answer = await send(path, {}, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });
  return (await answer.json()) as T;
}

export interface Count {
  value: number;
  exact: boolean;
}

export interface Access {
  permissions: Record<string, string[]>;
  features: { approval: boolean; audit: boolean; lockout: boolean; mail: boolean; server: boolean; import: boolean; export: boolean; stepUp: boolean };
  limits: { page: number; bulk: number; importBytes: number };
  version: string | null;
}
export const access = (signal?: AbortSignal) => get<Access>("/console/access", {}, signal);

// may tells whether a permission is among those that hold.
export const may = (held: Access | undefined, resource: string, action: string) => held?.permissions[resource]?.includes(action) ?? false;

export type Status = "active" | "banned" | "pending" | "rejected" | "unverified";

export interface Person {
  id: string;
  name: string;
  email: string;
  emailVerified: boolean;
  image: string | null;
  createdAt: string;
  updatedAt: string;
  role: string;
  roles: string[];
  status: Status;
  banReason: string | null;
  banExpires: string | null;
  twoFactor: boolean | null;
}

export interface UserFilters {
  search?: string;
  searchField?: "email" | "name" | "id";
  searchMode?: "prefix" | "contains";
  role?: string;
  status?: Status;
  verified?: boolean;
  createdFrom?: string;
  createdTo?: string;
}

export interface UserQuery extends UserFilters {
  sort?: "createdAt" | "email" | "name";
  direction?: "asc" | "desc";
  cursor?: string;
  limit?: number;
  count?: boolean;
}

export interface UserPage {
  users: Person[];
  next: string | null;
  count: Count | null;
}
export const users = (query: UserQuery, signal?: AbortSignal) => get<UserPage>("/console/users", { ...query }, signal);

export type Range = "24h" | "7d" | "30d" | "90d";
export interface Point {
  at: string;
  signUps: number | null;
  signIns: number | null;
  failures: number | null;
}
export interface Finding {
  id: string;
  status: "ok" | "look" | "unsafe";
  message: string;
  fix: string | null;
}
export interface Overview {
  at: string;
  users: Count;
  newToday: number | null;
  active24h: number | null;
  signIns24h: number | null;
  failedSignIns24h: number | null;
  pending: number | null;
  sessions: Count;
  series: { range: Range; step: number; points: Point[] } | null;
  checklist: Finding[] | null;
}
export const overview = (range: Range, signal?: AbortSignal) => get<Overview>("/console/overview", { range }, signal);

export interface Device {
  browser: string;
  os: string;
  kind: "desktop" | "mobile" | "tablet" | "bot" | "unknown";
}
export interface LiveSession {
  id: string;
  createdAt: string;
  updatedAt: string;
  expiresAt: string;
  ipAddress: string | null;
  userAgent: string | null;
  device: Device;
  user: { id: string; name: string; email: string; image: string | null };
  impersonatedBy: { id: string; name: string; email: string } | null;
  current: boolean;
}
export interface SessionQuery {
  userId?: string;
  impersonated?: boolean;
  address?: string;
  cursor?: string;
  limit?: number;
}
export const sessions = (query: SessionQuery, signal?: AbortSignal) =>
  get<{ sessions: LiveSession[]; next: string | null }>("/console/sessions", { ...query }, signal);
export const revokeSession = (id: string) => post<{ revoked: boolean }>("/console/sessions/revoke", { id });

export type Ability = "ban" | "set-role" | "delete" | "impersonate" | "set-password" | "update" | "revoke-sessions";
export interface PersonDetail {
  user: Person;
  fields: Record<string, unknown>;
  accounts: { id: string; providerId: string; accountId: string; createdAt: string; updatedAt: string; scope: string | null }[];
  hasPassword: boolean;
  sessions: number;
  lastSignIns: { at: string; outcome: string; method: string | null; address: string; userAgent: string; device: Device }[] | null;
  locks: { id: string; kind: "account" | "device"; method: string; failures: number; lastAt: string; until: string }[] | null;
  request: {
    id: string;
    state: "pending" | "approved" | "rejected";
    method: string;
    reason: string;
    answers: { name: string; label: string; value: string }[];
    createdAt: string;
    decidedAt: string | null;
    decidedBy: string | null;
    note: string | null;
  } | null;
  invitation: { id: string; invitedBy: string; acceptedAt: string } | null;
  can: Ability[];
}
export const user = (id: string, signal?: AbortSignal) => get<PersonDetail>(`/console/user/${encodeURIComponent(id)}`, {}, signal);

export type BulkAction = "ban" | "unban" | "approve" | "reject" | "role" | "revoke-sessions" | "remove";
export interface BulkReport {
  results: { id: string; ok: boolean; code: string | null; message: string | null }[];
  done: number;
  refused: number;
  left: number;
  stopped: { code: string; message: string } | null;
}
export const bulk = (body: { ids: string[]; action: BulkAction; reason?: string; expiresIn?: number; role?: string | string[] }, signal?: AbortSignal) =>
  post<BulkReport>("/console/users/bulk", body, signal);

export type MailState = "pending" | "sent" | "dead";
export interface Mail {
  id: string;
  kind: string;
  recipient: string;
  state: MailState;
  attempts: number;
  nextAttemptAt: string | null;
  lastError: string | null;
  createdAt: string;
  sentAt: string | null;
}
export interface MailPage {
  mails: Mail[];
  next: string | null;
  counts: { pending: number; dead: number };
}
export interface MailDetail {
  mail: Mail;
  preview: { subject: string; text: string; html: string } | null;
  withheld: "sent" | "unreadable" | "no-templates" | null;
}
export const mails = (query: { state?: MailState; recipient?: string; cursor?: string; limit?: number }, signal?: AbortSignal) =>
  get<MailPage>("/console/mail", query, signal);
export const mail = (id: string, signal?: AbortSignal) => get<MailDetail>(`/console/mail/${encodeURIComponent(id)}`, {}, signal);
// mailFrame is the address of a mail's HTML as a page that may do nothing.
export const mailFrame = (id: string) => at(`/console/mail/${encodeURIComponent(id)}/html`);
export const retryMail = (id: string) => post<{ status: boolean }>(`/console/mail/${encodeURIComponent(id)}/retry`);

export interface Job {
  name: string;
  every: number;
  runs: number;
  lastRun: string | null;
  lastTookMs: number | null;
  failures: number;
  lastError: string | null;
  lastErrorAt: string | null;
  running: boolean;
}
export interface Health {
  at: string;
  status: "ok" | "degraded";
  version: string | null;
  startedAt: string;
  store: { kind: "sqlite" | "postgres"; latencyMs: number | null; error: string | null; notes: string[] };
  hashing: { size: number; running: number; waiting: number; limit: number } | null;
  jobs: Job[];
  mail: { pending: number; dead: number };
  migrations: { pending: string[] } | null;
}
export const health = (signal?: AbortSignal) => get<Health>("/console/health", {}, signal);

export type Origin = "default" | "file" | "env" | "flag";
export interface Setting {
  path: string;
  value: unknown;
  source: Origin;
  secret: boolean;
  default: unknown;
}
export const settings = (signal?: AbortSignal) => get<{ file: string | null; settings: Setting[] }>("/console/settings", {}, signal);

export interface Roles {
  statements: Record<string, string[]>;
  roles: { name: string; permissions: Record<string, string[]>; admin: boolean; default: boolean }[];
  custom: boolean;
}
export const roles = (signal?: AbortSignal) => get<Roles>("/console/roles", {}, signal);

export interface Entry {
  id: string;
  seq: number | null;
  time: string;
  actor: string;
  impersonator: string;
  action: string;
  targetType: string;
  target: string;
  outcome: string;
  address: string;
  userAgent: string;
  requestId: string;
  details: unknown;
}
export interface AuditFilters {
  actor?: string;
  targetType?: string;
  target?: string;
  action?: string;
  outcome?: string;
  from?: string;
  to?: string;
}
export const auditEntries = (query: AuditFilters & { after?: string; limit?: number }, signal?: AbortSignal) =>
  get<{ entries: Entry[]; next: string }>("/admin/audit/list", { ...query }, signal);
export const followAudit = (after: number, signal?: AbortSignal) => get<{ entries: Entry[] }>("/admin/audit/follow", { after, limit: 500 }, signal);

export interface AuditReport {
  from: number;
  to: number;
  entries: number;
  checkpoints: number;
  pending: number;
  anchorsBelow?: number;
  problems: { kind: string; seq: number; to?: number; id?: string; text: string }[];
  truncated?: boolean;
  checkpoint: string;
}
export const verifyAudit = (signal?: AbortSignal) => post<AuditReport>("/admin/audit/verify", {}, signal);

export type FileFormat = "csv" | "jsonl";
export type ImportLine =
  | { type: "refused" | "skipped"; row: number; email: string; reason: string }
  | { type: "progress"; rows: number; created: number; skipped: number; refused: number }
  | { type: "done"; rows: number; created: number; skipped: number; refused: number; dryRun: boolean }
  | { type: "failed"; code: string; message: string; rows: number; created: number; skipped: number; refused: number };

// importFile sends a file and gives the lines of the answer as they come.
export async function* importFile(file: File, options: { format: FileFormat; dryRun: boolean; newIds: boolean; name?: string }, signal: AbortSignal): AsyncGenerator<ImportLine> {
  const type = options.format === "csv" ? "text/csv" : "application/x-ndjson";
  const answer = await send("/console/import", { ...options }, { method: "POST", headers: { "Content-Type": type }, body: file, signal });
  for await (const line of linesOf(answer)) yield JSON.parse(line) as ImportLine;
}

// exportUsers gives the pieces of the file as they come.
export async function* exportUsers(options: UserFilters & { format: FileFormat }, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const answer = await send("/console/export", { ...options }, { signal });
  yield* piecesOf(answer);
}

async function* piecesOf(answer: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = answer.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function* linesOf(answer: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of piecesOf(answer)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines.filter(Boolean);
  }
  if (rest) yield rest;
}
