// The navigation, from top to bottom.
import { Link } from "@tanstack/react-router";
import { useTexts, type Key } from "ui/i18n";
import { FileDown, FileUp, HeartPulse, LayoutDashboard, Mail, ScrollText, Settings, Shield, type Icon } from "ui/icons";

interface Place {
  to: string;
  label: Key<"console">;
  icon: Icon;
}

export const places: Place[] = [
  { to: "/", label: "nav.overview", icon: LayoutDashboard },
  { to: "/audit", label: "nav.audit", icon: ScrollText },
  { to: "/roles", label: "nav.roles", icon: Shield },
  { to: "/mail", label: "nav.mail", icon: Mail },
  { to: "/health", label: "nav.health", icon: HeartPulse },
  { to: "/settings", label: "nav.settings", icon: Settings },
  { to: "/import", label: "nav.import", icon: FileUp },
  { to: "/export", label: "nav.export", icon: FileDown },
];

export function Nav({ onGo }: { onGo?: () => void }) {
  const t = useTexts("console");
  return (
    <nav aria-label={t("nav.label")}>
      <ul className="grid gap-0.5">
        {places.map(({ to, label, icon: Sign }) => (
          <li key={to}>
            <Link
              to={to}
              onClick={onGo}
              activeOptions={{ exact: to === "/" }}
              className="flex h-9 items-center gap-2.5 rounded-control px-2.5 text-sm font-medium text-muted-foreground hover:bg-muted hover:text-foreground aria-[current=page]:bg-muted aria-[current=page]:text-foreground pointer-coarse:h-11"
            >
              <Sign aria-hidden="true" className="size-4 shrink-0" />
              {t(label)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
