// The audit log. Every filter is in the address, so that a view can be sent to
// a colleague.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Button } from "ui/button";
import { Card } from "ui/card";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { CircleUser, Pause, Play, ScrollText } from "ui/icons";
import { announce } from "ui/live";
import { Menu } from "ui/menu";
import { Time } from "ui/time";
import { at, auditEntries, followAudit, type AuditFilters, type Entry } from "../api";
import { useMe } from "../guard";
import { PageHead } from "../shell";
import { Empty, Fault, Waiting } from "../states";
import "../system-texts";
import { AuditEntry } from "./audit-entry";
import { AuditFilter, filterNames } from "./audit-filter";
import { AuditVerify } from "./audit-verify";
import { Outcome } from "./outcome";

export interface AuditSearch extends AuditFilters {
  live?: boolean;
}

// auditSearch is what the address says, whatever somebody typed there.
export function auditSearch(given: Record<string, unknown>): AuditSearch {
  const filters = filterNames.filter((name) => given[name] !== undefined && given[name] !== "").map((name) => [name, String(given[name])]);
  return { ...Object.fromEntries(filters), ...(given.live ? { live: true } : {}) };
}

const followEvery = 2_000; // milliseconds

// useFollow gives the entries that came since, while following and in sight.
function useFollow(on: boolean, filters: AuditFilters, newest: number | undefined): { fresh: Entry[]; fault: unknown } {
  const [fresh, setFresh] = useState<Entry[]>([]);
  const [fault, setFault] = useState<unknown>(null);
  const key = JSON.stringify(filters);
  useEffect(() => {
    setFresh([]);
    setFault(null);
    if (!on || newest === undefined) return;
    const stopped = new AbortController();
    let last = newest;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      try {
        if (!document.hidden) {
          const { entries } = await followAudit(last, stopped.signal);
          last = entries.at(-1)?.seq ?? last;
          const wanted = entries.filter((entry) => matches(entry, filters));
          if (wanted.length > 0) setFresh((shown) => [...wanted.toReversed(), ...shown].slice(0, 500));
        }
        setFault(null);
      } catch (error) {
        if (stopped.signal.aborted) return;
        setFault(error);
      }
      if (!stopped.signal.aborted) timer = setTimeout(look, followEvery);
    };
    void look();
    return () => {
      stopped.abort();
      clearTimeout(timer);
    };
  }, [on, key, newest]);
  return { fresh, fault };
}

function matches(entry: Entry, { from, to, ...equal }: AuditFilters): boolean {
  const same = Object.entries(equal).every(([name, value]) => !value || entry[name as "action"] === value);
  return same && (!from || entry.time >= from) && (!to || entry.time < to);
}

export function Audit() {
  const t = useTexts("system");
  const { live = false, ...filters } = auditSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [shown, setShown] = useState<Entry | null>(null);
  const [verifying, setVerifying] = useState(false);
  const show = (search: AuditSearch) => void navigate({ to: "/audit" as never, search: search as never, replace: true });
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["audit", filters],
    queryFn: ({ pageParam, signal }) => auditEntries({ ...filters, after: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next || undefined,
    refetchOnWindowFocus: false, // reading is recorded
  });
  const old = data?.pages.flatMap((page) => page.entries) ?? [];
  const { fresh, fault } = useFollow(live, filters, data && Math.max(0, ...old.map(({ seq }) => seq ?? 0)));
  const known = new Set(old.map(({ id }) => id));
  const entries = [...fresh.filter(({ id }) => !known.has(id)), ...old];
  const filtered = Object.keys(filters).length > 0;
  const follow = () => {
    announce(live ? t("audit.followingNot") : t("audit.following"));
    if (!live) void queries.invalidateQueries({ queryKey: ["audit"] });
    show({ ...filters, live: !live || undefined });
  };
  const download = (format: string) => location.assign(at("/admin/audit/export", { ...filters, format }));
  return (
    <>
      <PageHead title={t("audit.title")}>
        <Button look="secondary" size="medium" aria-pressed={live} onClick={follow}>
          {live ? <Pause aria-hidden="true" className="size-4" /> : <Play aria-hidden="true" className="size-4" />}
          {live ? t("audit.pause") : t("audit.follow")}
        </Button>
        <Button look="secondary" size="medium" onClick={() => setVerifying(true)}>
          {t("audit.verify")}
        </Button>
        <Menu
          label={t("audit.export")}
          button={t("audit.export")}
          className="border border-input bg-card px-3.5 font-medium text-foreground! pointer-coarse:h-11"
          items={[
            { id: "jsonl", label: "JSON Lines", onSelect: () => download("jsonl") },
            { id: "csv", label: "CSV", onSelect: () => download("csv") },
          ]}
        />
      </PageHead>
      <AuditFilter filters={filters} onChange={(next) => show({ ...next, live: live || undefined })} />
      {fault !== null && (
        <div className="mb-4">
          <Fault fault={fault} />
        </div>
      )}
      {error ? (
        <Fault fault={error} again={() => void refetch()} />
      ) : (
        <Card className="overflow-clip">
          {!data ? (
            <Waiting rows={10} />
          ) : entries.length === 0 ? (
            <Empty icon={ScrollText} title={filtered ? t("audit.noneFound") : t("audit.none")}>
              {filtered && (
                <Button look="secondary" size="small" className="mt-2" onClick={() => show({})}>
                  {t("filter.clear")}
                </Button>
              )}
            </Empty>
          ) : (
            <Entries entries={entries} fresh={fresh.length} onShow={setShown} />
          )}
        </Card>
      )}
      {hasNextPage && (
        <div className="mt-4 text-center">
          <Button look="secondary" size="medium" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("more")}
          </Button>
        </div>
      )}
      {shown && <AuditEntry entry={shown} onFilter={(more) => (setShown(null), show({ ...filters, ...more, live: live || undefined }))} onClose={() => setShown(null)} />}
      {verifying && <AuditVerify onClose={() => setVerifying(false)} />}
    </>
  );
}

function Entries({ entries, fresh, onShow }: { entries: Entry[]; fresh: number; onShow: (entry: Entry) => void }) {
  const t = useTexts("system");
  const head = "px-4 py-2 text-start font-medium";
  const cell = "px-4 py-2";
  return (
    <table className="w-full table-fixed text-dense">
      <caption className="sr-only">{t("audit.title")}</caption>
      <thead className="border-b bg-muted text-muted-foreground">
        <tr>
          <th className={cx(head, "w-auto lg:w-[26%]")}>{t("audit.action")}</th>
          <th className={cx(head, "w-32 sm:w-44")}>{t("audit.outcome")}</th>
          <th className={cx(head, "hidden md:table-cell")}>{t("audit.actor")}</th>
          <th className={cx(head, "hidden lg:table-cell")}>{t("audit.target")}</th>
          <th className={cx(head, "hidden w-36 xl:table-cell")}>{t("audit.address")}</th>
          <th className={cx(head, "hidden w-32 sm:table-cell")}>{t("audit.time")}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, i) => (
          <tr key={entry.id} className={cx("relative border-t first:border-t-0 hover:bg-muted", i < fresh && "bg-[color-mix(in_oklab,var(--primary)_6%,transparent)]")}>
            <th scope="row" className={cx(cell, "text-start font-normal")}>
              <button type="button" className="font-mono text-start wrap-anywhere after:absolute after:inset-0 hover:underline" onClick={() => onShow(entry)}>
                {entry.action}
              </button>
              <span className="mt-0.5 block text-xs text-muted-foreground sm:hidden">
                <Time at={entry.time} />
              </span>
            </th>
            <td className={cell}>
              <Outcome outcome={entry.outcome} />
            </td>
            <td className={cx(cell, "hidden md:table-cell")}>
              <Actor entry={entry} />
            </td>
            <td className={cx(cell, "hidden lg:table-cell")}>
              <div className="truncate" title={entry.target}>
                <span className="text-muted-foreground">{entry.targetType}</span> <bdi className="font-mono text-xs">{entry.target}</bdi>
              </div>
            </td>
            <td className={cx(cell, "hidden xl:table-cell")}>
              <bdi className="block truncate tabular-nums" title={entry.address}>
                {entry.address}
              </bdi>
            </td>
            <td className={cx(cell, "hidden text-muted-foreground sm:table-cell")}>
              <span className="relative">
                <Time at={entry.time} />
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Actor says who it was: the log has ids, which outlive the people.
export function Actor({ entry: { actor, impersonator } }: { entry: Entry }) {
  const t = useTexts("system");
  const { user } = useMe();
  if (actor === "") return <span className="text-muted-foreground">{t("audit.nobody")}</span>;
  if (actor === "system") return <span>{t("audit.system")}</span>;
  return (
    <span className="flex min-w-0 items-center gap-1.5" title={actor}>
      {actor === user.id ? <span>{t("audit.you")}</span> : <bdi className="truncate font-mono text-xs">{actor}</bdi>}
      {impersonator && <CircleUser aria-label={t("audit.impersonated")} className="size-3.5 shrink-0 text-warning" />}
    </span>
  );
}
