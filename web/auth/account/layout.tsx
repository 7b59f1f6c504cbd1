// The frame of the account pages: where one is, and the parts of a page.
import { useEffect, useId, useRef, type ReactNode } from "react";
import { Alert } from "ui/alert";
import { boot } from "ui/boot";
import { Brand } from "ui/brand";
import { Button } from "ui/button";
import { cx } from "ui/cx";
import { useTexts, type Key } from "ui/i18n";
import { ChevronDown, KeyRound, LogOut, type Icon } from "ui/icons";
import { LiveRegion } from "ui/live";
import { Menu } from "ui/menu";
import { LanguageSwitch, ThemeSwitch } from "ui/switches";
import { client, faultText, type Fault } from "../client";
import { go, PageLink, usePath } from "../route";
import { signOut } from "../session";
import { Avatar } from "./avatar";
import { History, Link2, MonitorSmartphone, Trash2, UserRound } from "./icons";
import { leave, useMe } from "./me";

interface Place {
  path: string;
  label: Key<"account">;
  icon: Icon;
}

// places are in the order of the navigation. Two-factor, passkeys and keys
// come with their features, after the password.
export const places: Place[] = [
  { path: "/account", label: "nav.profile", icon: UserRound },
  ...(boot.methods.password ? [{ path: "/account/password", label: "nav.password", icon: KeyRound } as const] : []),
  { path: "/account/sessions", label: "nav.sessions", icon: MonitorSmartphone },
  ...(boot.methods.social.length > 0 ? [{ path: "/account/linked", label: "nav.linked", icon: Link2 } as const] : []),
  ...(boot.account.activity ? [{ path: "/account/activity", label: "nav.activity", icon: History } as const] : []),
  { path: "/account/data", label: "nav.data", icon: Trash2 },
];

export function AccountFrame({ children }: { children: ReactNode }) {
  const t = useTexts("account");
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#content" className="sr-only rounded-control bg-card px-3 py-2 focus:not-sr-only focus:absolute focus:start-2 focus:top-2 focus:z-30">
        {t("skip")}
      </a>
      <Top />
      <div className="mx-auto grid w-full max-w-5xl grow grid-cols-[minmax(0,1fr)] content-start gap-x-10 gap-y-6 px-4 py-6 md:grid-cols-[13rem_minmax(0,1fr)] md:py-10">
        <Places />
        <main id="content" className="grid min-w-0 content-start gap-6">
          <ActingBanner />
          {children}
        </main>
      </div>
      <Bottom />
      <LiveRegion />
    </div>
  );
}

function Top() {
  const t = useTexts("account");
  const { user } = useMe();
  return (
    <header className="border-b bg-card">
      <div className="mx-auto flex h-14 max-w-5xl items-center justify-between gap-4 px-4">
        <Brand className="min-w-0" />
        <div className="flex shrink-0 items-center gap-2">
          <span className="hidden max-w-60 truncate text-sm text-muted-foreground sm:block" title={user.email}>
            {user.email}
          </span>
          <Avatar user={user} className="size-8 text-xs" />
          <Button look="ghost" size="small" aria-label={t("signOut")} onClick={() => void signOut("/auth/signed-out")}>
            <LogOut aria-hidden="true" className="size-4 rtl:-scale-x-100" />
            <span className="hidden sm:inline">{t("signOut")}</span>
          </Button>
        </div>
      </div>
    </header>
  );
}

function Places() {
  const t = useTexts("account");
  const path = usePath();
  const here = places.find((place) => place.path === path) ?? places[0]!;
  return (
    <nav aria-label={t("nav.label")}>
      <div className="md:hidden">
        <Menu
          label={t("nav.label")}
          className="h-11 w-full justify-between border border-input bg-card px-3 font-medium text-foreground"
          button={
            <>
              <span className="flex items-center gap-2">
                <here.icon aria-hidden="true" className="size-4 text-muted-foreground" />
                {t(here.label)}
              </span>
              <ChevronDown aria-hidden="true" className="size-4" />
            </>
          }
          items={places.map((place) => ({ id: place.path, label: t(place.label), checked: place === here, onSelect: () => go(place.path) }))}
        />
      </div>
      <ul className="sticky top-8 hidden gap-0.5 md:grid">
        {places.map((place) => (
          <li key={place.path}>
            <PageLink
              to={place.path}
              current={place === here}
              className={cx(
                "flex items-center gap-2.5 rounded-control px-3 py-2 text-sm transition-colors duration-150",
                place === here ? "bg-muted font-medium text-foreground" : "text-muted-foreground hover:bg-muted hover:text-foreground",
              )}
            >
              <place.icon aria-hidden="true" className={cx("size-4 shrink-0", place === here && "text-primary")} />
              {t(place.label)}
            </PageLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

// ActingBanner is there while an administrator acts as the person.
function ActingBanner() {
  const t = useTexts("account");
  const { user, session } = useMe();
  if (!session.impersonatedBy) return null;
  const stop = async () => {
    await client.$fetch("/admin/stop-impersonating", { method: "POST" });
    leave("/admin");
  };
  return (
    <Alert tone="warning">
      <p>{t("acting", { name: user.name || user.email })}</p>
      <Button look="secondary" size="small" className="mt-2" onClick={() => void stop()}>
        {t("acting.stop")}
      </Button>
    </Alert>
  );
}

function Bottom() {
  const t = useTexts("common");
  const links = [["terms", boot.brand.terms], ["privacy", boot.brand.privacy], ["support", boot.brand.support]] as const;
  return (
    <footer className="mx-auto flex w-full max-w-5xl flex-wrap items-center justify-end gap-x-4 gap-y-1 px-4 pb-6 text-sm text-muted-foreground">
      {links.map(
        ([key, href]) =>
          href && (
            <a key={key} href={href} className="rounded-control px-1 py-1.5 underline-offset-3 hover:text-foreground hover:underline">
              {t(key)}
            </a>
          ),
      )}
      <span className="flex items-center gap-1">
        <LanguageSwitch up />
        <ThemeSwitch up />
      </span>
    </footer>
  );
}

let arrived = false;

// Head is a page's title. It takes the focus when the person came from another
// page, so that a screen reader begins there.
export function Head({ title, lead }: { title: string; lead?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${boot.app}`;
  }, [title]);
  useEffect(() => {
    if (arrived) heading.current?.focus();
    arrived = true;
  }, []);
  return (
    <div className="grid gap-1">
      <h1 ref={heading} tabIndex={-1} className="text-2xl">
        {title}
      </h1>
      {lead && <p className="text-muted-foreground">{lead}</p>}
    </div>
  );
}

interface SectionProps {
  title: string;
  lead?: ReactNode;
  aside?: ReactNode; // beside the title
  danger?: boolean;
  flush?: boolean; // the children go to the edges
  children?: ReactNode;
}

// Section is one card of a page, about one thing.
export function Section({ title, lead, aside, danger, flush, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={cx("min-w-0 rounded-card border bg-card", danger && "border-destructive")}>
      <div className={cx("flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-4 pt-4 sm:px-6 sm:pt-5", !children && "pb-4 sm:pb-5")}>
        <div className="grid min-w-0 gap-1">
          <h2 id={id} className={cx("text-lg", danger && "text-destructive")}>
            {title}
          </h2>
          {lead && <div className="text-sm text-muted-foreground wrap-anywhere">{lead}</div>}
        </div>
        {aside}
      </div>
      {children && <div className={cx("grid gap-4", flush ? "mt-4" : "px-4 py-4 sm:px-6 sm:py-5")}>{children}</div>}
    </section>
  );
}

// Rows is a list whose rows have lines between them.
export const Rows = ({ label, children }: { label: string; children: ReactNode }) => (
  <ul aria-label={label} className="divide-y border-t">
    {children}
  </ul>
);

// Row is what something is, what is known of it, and what can be done.
export function Row({ icon, title, badge, children, action }: { icon: ReactNode; title: ReactNode; badge?: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3.5 sm:flex-nowrap sm:px-6">
      <span className="grid size-9 shrink-0 place-items-center rounded-full bg-muted text-muted-foreground">{icon}</span>
      <div className="min-w-0 flex-1 basis-48">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm font-medium wrap-anywhere">
          <span dir="auto" className="min-w-0">
            {title}
          </span>
          {badge}
        </p>
        {children && <div className="mt-0.5 flex flex-wrap gap-x-1.5 text-dense text-muted-foreground wrap-anywhere">{children}</div>}
      </div>
      {action && <div className="shrink-0 max-sm:ms-13 max-sm:basis-full">{action}</div>}
    </li>
  );
}

// Dotted puts a dot between what is there.
export function Dotted({ items }: { items: ReactNode[] }) {
  return items.filter(Boolean).map((item, i) => (
    <span key={i} className="inline-flex gap-x-1.5">
      {i > 0 && <span aria-hidden="true">·</span>}
      <bdi>{item}</bdi>
    </span>
  ));
}

const badgeTones = { neutral: "bg-muted text-muted-foreground", success: "bg-muted text-success", warning: "bg-muted text-warning" };

export const Badge = ({ tone = "neutral", children }: { tone?: keyof typeof badgeTones; children: ReactNode }) => (
  <span className={cx("inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap before:size-1.5 before:rounded-full before:bg-current", badgeTones[tone])}>
    {children}
  </span>
);

// Waiting stands where a list will be.
export function Waiting() {
  const t = useTexts("common");
  return (
    <div role="status" className="grid border-t">
      <span className="sr-only">{t("loading")}</span>
      {[0, 1, 2].map((i) => (
        <div key={i} aria-hidden="true" className="flex items-center gap-4 px-4 py-3.5 sm:px-6">
          <span className="size-9 shrink-0 animate-pulse rounded-full bg-muted" />
          <span className="grid grow gap-2">
            <span className="h-3 w-2/5 animate-pulse rounded-control bg-muted" />
            <span className="h-3 w-3/5 animate-pulse rounded-control bg-muted" />
          </span>
        </div>
      ))}
    </div>
  );
}

// Unread says that something could not be read, and reads it again.
export function Unread({ fault, retry }: { fault: Fault; retry: () => Promise<void> }) {
  const t = useTexts("account");
  return (
    <div className="grid gap-3 border-t px-4 py-5 sm:px-6">
      <Alert tone="error">
        <p className="font-medium">{t("fault.title")}</p>
        <p>{faultText(t, fault)}</p>
      </Alert>
      <Button look="secondary" size="medium" className="justify-self-start" onClick={() => void retry()}>
        {t("retry")}
      </Button>
    </div>
  );
}
