// The frame of the console: navigation at the side, on small screens behind a
// button; who you are, the language and the theme on top.
import { Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { boot } from "ui/boot";
import { Brand } from "ui/brand";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { MenuIcon, X } from "ui/icons";
import { LiveRegion } from "ui/live";
import { Menu } from "ui/menu";
import { LanguageSwitch, ThemeSwitch } from "ui/switches";
import { client } from "./client";
import { Commands } from "./commands";
import { Guard, useMe } from "./guard";
import { Nav } from "./nav";

const Acting = lazy(() => import("ui/acting"));

export function Shell() {
  return (
    <>
      <Guard>
        <Frame />
      </Guard>
      <LiveRegion />
      {boot.acting && (
        <Suspense>
          <Acting />
        </Suspense>
      )}
    </>
  );
}

function Frame() {
  const t = useTexts("console");
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setOpen(false), [path]);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[220px_1fr]">
      <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-30 focus:rounded-control focus:bg-card focus:px-3 focus:py-2 focus:text-sm focus:shadow-float">
        {t("skip")}
      </a>
      <aside className="sticky top-0 z-10 border-b bg-background lg:h-dvh lg:border-e lg:border-b-0">
        <div className="flex h-14 items-center justify-between gap-2 px-4">
          <Brand className="*:last:text-base" />
          <button
            type="button"
            aria-expanded={open}
            aria-controls="navigation"
            aria-label={open ? t("nav.close") : t("nav.open")}
            onClick={() => setOpen(!open)}
            className="grid size-9 place-items-center rounded-control hover:bg-muted lg:hidden pointer-coarse:size-11"
          >
            {open ? <X aria-hidden="true" className="size-5" /> : <MenuIcon aria-hidden="true" className="size-5" />}
          </button>
        </div>
        <div id="navigation" className={cx("px-3 pb-3 lg:block", !open && "hidden")}>
          <Nav />
        </div>
      </aside>
      <div className="flex min-w-0 flex-col">
        <header className="flex h-14 items-center justify-end gap-1 px-4 lg:px-8">
          <Commands />
          <LanguageSwitch />
          <ThemeSwitch />
          <Person />
        </header>
        <main id="content" tabIndex={-1} className="mx-auto w-full max-w-300 grow px-4 pb-12 outline-none lg:px-8">
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Person() {
  const t = useTexts("console");
  const { user } = useMe();
  const leave = async () => {
    await client.signOut();
    location.assign("/auth/signed-out");
  };
  return (
    <Menu
      label={t("me.label", { name: user.name })}
      button={<Avatar name={user.name || user.email} image={user.image} />}
      items={[
        { id: "account", label: t("me.account"), onSelect: () => location.assign("/account") },
        { id: "out", label: t("signOut"), onSelect: () => void leave() },
      ]}
    />
  );
}

// Avatar is a person's initials; pictures from elsewhere are not loaded.
export function Avatar({ name, image }: { name: string; image?: string | null }) {
  const initials = name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0].toUpperCase());
  if (image?.startsWith("/") || image?.startsWith("data:image/")) return <img src={image} alt="" className="size-7 rounded-full object-cover" />;
  return (
    <span aria-hidden="true" className="grid size-7 place-items-center rounded-full bg-primary text-xs font-semibold text-primary-foreground">
      {initials}
    </span>
  );
}

// PageHead is the title of a page, for the eye and for the window, and what
// can be done there. It takes the focus when one comes from another page.
export function PageHead({ title, children }: { title: string; children?: React.ReactNode }) {
  const t = useTexts("console");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t("documentTitle", { page: title, app: boot.brand.name });
  }, [t, title]);
  useEffect(() => {
    if (arrived) heading.current?.focus();
    arrived = true;
  }, []);
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 pt-2 pb-6">
      <h1 ref={heading} tabIndex={-1} className="text-2xl">
        {title}
      </h1>
      {children && <div className="flex flex-wrap gap-2">{children}</div>}
    </div>
  );
}

let arrived = false;
