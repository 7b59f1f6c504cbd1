// The frame of the pages around signing in: brand, card, what is below.
import { useEffect, useRef, type ReactNode } from "react";
import { boot } from "ui/boot";
import { Brand } from "ui/brand";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import type { Icon } from "ui/icons";
import { LiveRegion } from "ui/live";
import { LanguageSwitch, ThemeSwitch } from "ui/switches";

// Arches is the quiet drawing behind the card: our mark, many times over.
function Arches() {
  return (
    <svg aria-hidden="true" viewBox="0 0 1200 800" preserveAspectRatio="xMidYMin slice" className="arches pointer-events-none fixed inset-0 -z-10 size-full text-border" fill="none" stroke="currentColor">
      {Array.from({ length: 9 }, (_, i) => 130 + i * 72).map((r) => (
        <path key={r} d={`M${600 - r} 900V${470}a${r} ${r} 0 0 1 ${2 * r} 0V900`} />
      ))}
    </svg>
  );
}

export function Frame({ children }: { children: ReactNode }) {
  const t = useTexts("common");
  const links = [["terms", boot.brand.terms], ["privacy", boot.brand.privacy], ["support", boot.brand.support]] as const;
  return (
    <div className="flex min-h-dvh flex-col">
      <Arches />
      <main className="flex grow flex-col items-center justify-center px-4 py-8 sm:py-12">{children}</main>
      <footer className="flex flex-wrap items-center justify-center gap-x-4 gap-y-1 px-4 pb-4 text-sm text-muted-foreground sm:pb-6">
        {links.map(
          ([key, href]) =>
            href && (
              <a key={key} href={href} className="rounded-control px-1 py-1.5 underline-offset-3 hover:text-foreground hover:underline">
                {t(key)}
              </a>
            ),
        )}
        <span className="flex items-center gap-1">
          {boot.locales.length > 1 && <LanguageSwitch up />}
          <ThemeSwitch up />
        </span>
      </footer>
      <LiveRegion />
    </div>
  );
}

interface PageProps {
  title: string;
  lead?: ReactNode;
  icon?: Icon; // of pages that tell instead of asking
  tone?: "primary" | "success" | "warning" | "destructive";
  below?: ReactNode; // under the card
  children?: ReactNode;
}

const tones = { primary: "text-primary", success: "text-success", warning: "text-warning", destructive: "text-destructive" };

// Page is the card. It takes the focus to its title when the person came from
// another page, so that a screen reader begins there.
export function Page({ title, lead, icon: Sign, tone = "primary", below, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const { name } = boot.brand;
    document.title = title.includes(name) ? title : `${title} · ${name}`;
  }, [title]);
  useEffect(() => {
    if (arrived) heading.current?.focus();
    arrived = true;
  }, []);
  return (
    <div className="w-full max-w-100">
      <div className="mb-6 flex justify-center">
        <Brand />
      </div>
      <div className="rounded-dialog border bg-card px-5 py-7 shadow-float sm:px-8 sm:py-8">
        {Sign && (
          <div className={cx("mb-4 grid size-11 place-items-center rounded-full bg-muted", tones[tone])}>
            <Sign aria-hidden="true" className="size-5.5" />
          </div>
        )}
        <h1 ref={heading} tabIndex={-1} className="text-xl wrap-anywhere">
          {title}
        </h1>
        {lead && <div className="mt-2 text-muted-foreground wrap-anywhere">{lead}</div>}
        {children && <div className="mt-6 grid gap-5">{children}</div>}
      </div>
      {below && <div className="mt-5 text-center text-sm text-muted-foreground">{below}</div>}
    </div>
  );
}

let arrived = false;

// Divider stands between two ways to the same end.
export function Divider({ children }: { children: string }) {
  return (
    <div className="flex items-center gap-3 text-sm text-muted-foreground before:h-px before:grow before:bg-border after:h-px after:grow after:bg-border">
      {children}
    </div>
  );
}
