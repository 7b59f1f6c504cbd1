// The navigation, from top to bottom.
import { useQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTexts, type Key } from "ui/i18n";
import { FileDown, FileUp, HeartPulse, LayoutDashboard, LockKeyhole, Mail, ScrollText, Settings, Shield, type Icon } from "ui/icons";
import { access, overview, type Access } from "./api";
import { DoorOpen, MailPlus, MonitorSmartphone, UsersIcon } from "./people/icons";

interface Place {
  to: string;
  label: Key<"console">;
  icon: Icon;
  needs?: keyof Access["features"]; // shown while that is on
  waiting?: boolean; // shows how many wait for approval
}

export const places: Place[] = [
  { to: "/", label: "nav.overview", icon: LayoutDashboard },
  { to: "/users", label: "nav.users", icon: UsersIcon },
  { to: "/approvals", label: "nav.approvals", icon: DoorOpen, needs: "approval", waiting: true },
  { to: "/invitations", label: "nav.invitations", icon: MailPlus, needs: "approval" },
  { to: "/sessions", label: "nav.sessions", icon: MonitorSmartphone },
  { to: "/locks", label: "nav.locks", icon: LockKeyhole, needs: "lockout" },
  { to: "/audit", label: "nav.audit", icon: ScrollText, needs: "audit" },
  { to: "/roles", label: "nav.roles", icon: Shield },
  { to: "/mail", label: "nav.mail", icon: Mail, needs: "mail" },
  { to: "/health", label: "nav.health", icon: HeartPulse, needs: "server" },
  { to: "/settings", label: "nav.settings", icon: Settings },
  { to: "/import", label: "nav.import", icon: FileUp, needs: "import" },
  { to: "/export", label: "nav.export", icon: FileDown, needs: "export" },
];

// usePlaces are those whose feature is on; until it is known, all of them.
export function usePlaces(): Place[] {
  const { data } = useQuery({ queryKey: ["access"], queryFn: ({ signal }) => access(signal), staleTime: 60_000 });
  return places.filter(({ needs }) => !needs || !data || data.features[needs]);
}

function Waiting() {
  const t = useTexts("console");
  const queries = useQueryClient();
  // The figure is up to a minute old; whoever looks at the queue knows better.
  const count = async (signal: AbortSignal) => {
    const { pending } = await overview("24h", signal);
    const seen = queries.getQueryData<InfiniteData<{ registrations: unknown[]; next: string | null }>>(["approvals"])?.pages;
    return seen && seen.at(-1)?.next === null ? seen.reduce((sum, { registrations }) => sum + registrations.length, 0) : pending;
  };
  const { data } = useQuery({ queryKey: ["pending"], queryFn: ({ signal }) => count(signal), staleTime: 30_000, refetchInterval: 60_000 });
  if (!data) return null;
  return (
    <span className="ms-auto rounded-full bg-primary px-1.5 text-xs leading-5 font-semibold text-primary-foreground tabular-nums">
      <span aria-hidden="true">{data > 999 ? "999+" : data}</span>
      <span className="sr-only">{t("nav.waiting", { count: data })}</span>
    </span>
  );
}

export function Nav({ onGo }: { onGo?: () => void }) {
  const t = useTexts("console");
  const shown = usePlaces();
  return (
    <nav aria-label={t("nav.label")}>
      <ul className="grid gap-0.5">
        {shown.map(({ to, label, icon: Sign, waiting }) => (
          <li key={to}>
            <Link
              to={to}
              onClick={onGo}
              activeOptions={{ exact: to === "/" }}
              className="flex h-9 items-center gap-2.5 rounded-control px-2.5 text-sm font-medium text-muted-foreground hover:bg-muted hover:text-foreground aria-[current=page]:bg-muted aria-[current=page]:text-foreground pointer-coarse:h-11"
            >
              <Sign aria-hidden="true" className="size-4 shrink-0" />
              {t(label)}
              {waiting && <Waiting />}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
