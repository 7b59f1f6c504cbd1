// What the addresses of the pages about people say: filters, order, and whose
// panel is open. Anything else in them is left out.
import type { Status, UserQuery } from "../api";

export interface UsersSearch {
  q?: string;
  in?: "name" | "id";
  mode?: "contains";
  role?: string;
  status?: Status;
  verified?: "yes" | "no";
  from?: string; // days, "2026-01-31"
  to?: string;
  sort?: "email" | "name" | "createdAt";
  dir?: "asc" | "desc";
  user?: string;
  tab?: Tab;
}

export const tabs = ["overview", "sessions", "accounts", "security", "activity", "raw"] as const;
export type Tab = (typeof tabs)[number];
export const statuses: Status[] = ["active", "unverified", "pending", "banned", "rejected"];

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value.slice(0, 320) : typeof value === "number" ? String(value) : undefined);
const one = <T extends string>(value: unknown, of: readonly T[]) => of.find((each) => each === value);
const day = (value: unknown) => (typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined);

const known = <T extends object>(all: T) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;

export function usersSearch(raw: Record<string, unknown>): UsersSearch {
  return known({
    q: text(raw.q),
    in: one(raw.in, ["name", "id"] as const),
    mode: one(raw.mode, ["contains"] as const),
    role: text(raw.role),
    status: one(raw.status, statuses),
    verified: one(raw.verified, ["yes", "no"] as const),
    from: day(raw.from),
    to: day(raw.to),
    sort: one(raw.sort, ["email", "name", "createdAt"] as const),
    dir: one(raw.dir, ["asc", "desc"] as const),
    user: text(raw.user),
    tab: one(raw.tab, tabs),
  });
}

// dayAfter is the end of a day: the query's createdTo is not included.
function moment(day: string | undefined, after = 0): string | undefined {
  if (!day) return undefined;
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + after);
  return at.toISOString();
}

// queryOf is what the server is asked, without the page.
export function queryOf(s: UsersSearch): UserQuery {
  const search = s.q && !(s.mode === "contains" && [...s.q].length < 3) ? s.q : undefined;
  return known({
    search,
    searchField: search ? s.in : undefined,
    searchMode: search && s.in !== "id" ? s.mode : undefined,
    role: s.role,
    status: s.status,
    verified: s.verified && s.verified === "yes",
    createdFrom: moment(s.from),
    createdTo: moment(s.to, 1),
    sort: s.sort,
    direction: s.dir,
  });
}

export interface SessionsSearch {
  address?: string;
  acting?: "yes";
}

export const sessionsSearch = (raw: Record<string, unknown>): SessionsSearch => known({ address: text(raw.address), acting: one(raw.acting, ["yes"] as const) });
