import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { Card } from "ui/card";
import { useLanguage, useTexts } from "ui/i18n";
import { ScrollText } from "ui/icons";
import { Time } from "ui/time";
import { auditEntries, overview, type Count, type Range } from "../api";
import { PageHead } from "../shell";
import { Empty, Fault, Waiting } from "../states";
import "../system-texts";
import { Activity } from "./activity";
import { Checklist } from "./checklist";
import { Outcome } from "./outcome";
import { TestMail } from "./test-mail";

export function Overview() {
  const t = useTexts("system");
  const { range = "24h" } = useSearch({ strict: false }) as { range?: Range };
  const navigate = useNavigate();
  const [testing, setTesting] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["overview", range],
    queryFn: ({ signal }) => overview(range, signal),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
  const mode = t(`overview.registration.${boot.registration.mode}`);
  return (
    <>
      <PageHead title={t("overview.title")}>
        <Button look="secondary" size="medium" onClick={() => setTesting(true)}>
          {t("testMail.open")}
        </Button>
      </PageHead>
      {error && (
        <div className="mb-4">
          <Fault fault={error} again={() => void refetch()} />
        </div>
      )}
      <div className="grid grid-cols-2 gap-3 sm:gap-4 xl:grid-cols-4">
        <Tile label={t("overview.users")} hint={data && data.newToday !== null && t("overview.newToday", { count: data.newToday })}>
          {data && <Figure count={data.users} />}
        </Tile>
        <Tile label={t("overview.active")} hint={data && t("overview.sessions", { count: data.sessions.value })}>
          {data && <Figure value={data.active24h} />}
        </Tile>
        <Tile label={t("overview.signIns")} hint={data && data.failedSignIns24h !== null && t("overview.failed", { count: data.failedSignIns24h })}>
          {data && <Figure value={data.signIns24h} />}
        </Tile>
        {data?.pending === null ? (
          <Tile label={t("overview.registration")} hint={t("overview.registrationHint")} small>
            {mode}
          </Tile>
        ) : (
          <Tile label={t("overview.pending")} hint={data && mode}>
            {data && <Figure value={data.pending} />}
          </Tile>
        )}
      </div>
      <div className="mt-3 grid grid-cols-1 gap-3 sm:mt-4 sm:gap-4 xl:grid-cols-3">
        <div className="grid min-w-0 content-start gap-3 sm:gap-4 xl:col-span-2">
          <Activity series={data?.series} range={range} onRange={(next) => void navigate({ to: "/", search: { range: next } as never, replace: true })} />
          {data?.series !== null && <Recent />}
        </div>
        {data?.checklist !== null && <Checklist findings={data?.checklist} />}
      </div>
      {testing && <TestMail onClose={() => setTesting(false)} />}
    </>
  );
}

function Figure({ count, value = null }: { count?: Count; value?: number | null }) {
  const { id } = useLanguage();
  const shown = count ? count.value : value;
  if (shown === null) return "–";
  const number = new Intl.NumberFormat(id, shown >= 1e6 ? { notation: "compact", maximumFractionDigits: 2 } : {}).format(shown);
  return count && !count.exact ? `≈ ${number}` : number;
}

interface TileProps {
  label: string;
  hint?: ReactNode;
  small?: boolean; // a word and not a figure
  children: ReactNode;
}

// Tile is one figure. While it is loading its place is kept.
function Tile({ label, hint, small, children }: TileProps) {
  return (
    <Card className="min-w-0 p-4 sm:p-5">
      <h2 className="text-sm font-medium text-muted-foreground">{label}</h2>
      <p className={small ? "mt-2 min-h-9 text-xl/9 font-semibold tracking-tight" : "mt-2 min-h-9 text-2xl/9 font-semibold tracking-tight whitespace-nowrap tabular-nums sm:text-3xl"}>{children}</p>
      <p className="mt-1 min-h-5 text-dense text-muted-foreground wrap-anywhere">{hint}</p>
    </Card>
  );
}

const shownEvents = 8;

function Recent() {
  const t = useTexts("system");
  const { data, error, refetch } = useQuery({ queryKey: ["recent"], queryFn: ({ signal }) => auditEntries({ limit: 60 }, signal) });
  // That the log is read is in the log too, and no news here.
  const entries = data?.entries.filter(({ action }) => !action.startsWith("audit.")).slice(0, shownEvents);
  return (
    <Card>
      <div className="flex items-baseline justify-between gap-3 px-5 pt-4 pb-3">
        <h2 className="text-base">{t("recent.title")}</h2>
        <Link to={"/audit" as never} className="link text-sm">
          {t("recent.all")}
        </Link>
      </div>
      {error ? (
        <div className="px-5 pb-5">
          <Fault fault={error} again={() => void refetch()} />
        </div>
      ) : !entries ? (
        <Waiting rows={5} />
      ) : entries.length === 0 ? (
        <Empty icon={ScrollText} title={t("recent.none")} />
      ) : (
        <ul className="text-sm">
          {entries.map((entry) => (
            <li key={entry.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t px-5 py-2">
              <code className="font-mono text-dense wrap-anywhere">{entry.action}</code>
              <span className="flex items-center gap-3 text-dense text-muted-foreground">
                <Outcome outcome={entry.outcome} />
                <Time at={entry.time} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
