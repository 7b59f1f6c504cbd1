// Who asks for access, the longest wait first.
import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import "./texts";
import { useEffect, useRef, useState } from "react";
import { Button } from "ui/button";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { CircleCheck } from "ui/icons";
import { Time } from "ui/time";
import { toast } from "ui/toast";
import { useKeys } from "../keys";
import { withProof } from "../proof";
import { PageHead } from "../shell";
import { Empty, Waiting } from "../states";
import { approve, registrations, reject, type Registration } from "./api";
import { RejectDialog } from "./dialogs";
import { codeText, Fault, useFault } from "./fault";
import { Who } from "./shown";

type Page = Awaited<ReturnType<typeof registrations>>;

export function Approvals() {
  const t = useTexts("people");
  const c = useTexts("console");
  const say = useFault();
  const queries = useQueryClient();
  const list = useRef<HTMLUListElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const [refusing, setRefusing] = useState<Registration[]>([]);
  const [refusals, setRefusals] = useState<ReadonlyMap<string, string>>(new Map());
  const found = useInfiniteQuery({
    queryKey: ["approvals"],
    queryFn: ({ pageParam, signal }) => registrations(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = found.data?.pages.flatMap((page) => page.registrations) ?? [];
  const known = found.data && !found.hasNextPage ? rows.length : null;
  useEffect(() => {
    if (known !== null) queries.setQueryData(["pending"], known);
  }, [known, queries]);

  const focused = () => Number((document.activeElement?.closest("[data-index]") as HTMLElement | null)?.dataset.index ?? -1);
  const go = (index: number) => list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus();

  // decide sends a decision about some; who was decided leaves the list, and
  // who was refused says why.
  const decide = async (who: Registration[], note: string | null) => {
    if (who.length === 0) return;
    const at = Math.max(0, focused());
    const ids = who.map(({ id }) => id);
    setBusy(new Set(ids));
    const wrong = new Map<string, string>();
    const gone = new Set<string>();
    try {
      for (let from = 0; from < ids.length; from += 100) {
        const part = ids.slice(from, from + 100);
        const { results } = await withProof(() => (note === null ? approve(part) : reject(part, note)));
        for (const { id, code, message } of results) {
          if (code) wrong.set(id, codeText(t, code, message));
          else gone.add(id);
        }
      }
    } catch (fault) {
      toast({ tone: "error", text: say(fault) });
    }
    queries.setQueryData<InfiniteData<Page>>(["approvals"], (all) => all && { ...all, pages: all.pages.map((page) => ({ ...page, registrations: page.registrations.filter(({ id }) => !gone.has(id)) })) });
    if (gone.size > 0) toast({ text: t(note === null ? "approvals.approved" : "approvals.rejected", { count: gone.size }) });
    setRefusals(wrong);
    setChosen(new Set());
    setBusy(new Set());
    void queries.invalidateQueries({ queryKey: ["users"] });
    requestAnimationFrame(() => go(Math.min(at, list.current?.children.length ? list.current.children.length - 1 : 0)));
  };

  const targets = () => (chosen.size > 0 ? rows.filter(({ id }) => chosen.has(id)) : rows.slice(Math.max(0, focused()), Math.max(0, focused()) + 1));
  useKeys({
    j: () => go(Math.min(rows.length - 1, focused() + 1)),
    k: () => go(Math.max(0, focused() - 1)),
    x: () => rows[focused()] && toggle(rows[focused()]!.id),
    a: () => void decide(targets(), null),
    r: () => setRefusing(targets()),
  });
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <>
      <PageHead title={c("nav.approvals")} />
      {found.isError && rows.length === 0 ? (
        <Fault fault={found.error} again={() => void found.refetch()} />
      ) : !found.data ? (
        <div className="rounded-card border bg-card">
          <Waiting />
        </div>
      ) : rows.length === 0 ? (
        <div className="rounded-card border bg-card">
          <Empty icon={CircleCheck} title={t("approvals.none")}>
            {t("approvals.noneLead")}
          </Empty>
        </div>
      ) : (
        <>
          <div className="mb-3 flex min-h-9 flex-wrap items-center justify-between gap-2">
            <label className="flex items-center gap-2.5 px-3.5 text-sm">
              <input
                type="checkbox"
                className="size-4 accent-primary"
                checked={chosen.size === rows.length}
                onChange={() => setChosen(chosen.size === rows.length ? new Set() : new Set(rows.map(({ id }) => id)))}
              />
              {chosen.size > 0 ? t("bulk.count", { count: chosen.size }) : t("choose.all")}
            </label>
            {chosen.size > 0 ? (
              <span className="flex gap-2">
                <Button size="small" onClick={() => void decide(targets(), null)}>
                  {t("approvals.approve")}
                </Button>
                <Button look="secondary" size="small" onClick={() => setRefusing(targets())}>
                  {t("approvals.reject")}
                </Button>
              </span>
            ) : (
              <p className="hidden text-dense text-muted-foreground md:block">{t("approvals.keys")}</p>
            )}
          </div>
          <ul ref={list} className="divide-y rounded-card border bg-card">
            {rows.map((row, index) => (
              <li
                key={row.id}
                data-index={index}
                tabIndex={-1}
                aria-busy={busy.has(row.id) || undefined}
                className={cx("grid gap-3 p-3.5 -outline-offset-2 sm:grid-cols-[auto_minmax(0,1fr)_auto] focus:bg-muted", busy.has(row.id) && "opacity-55")}
              >
                <input type="checkbox" aria-label={t("choose.one", { name: row.user.name || row.user.email })} checked={chosen.has(row.id)} onChange={() => toggle(row.id)} className="mt-1.5 size-4 accent-primary max-sm:hidden" />
                <div className="grid min-w-0 gap-2.5">
                  <div className="flex items-start justify-between gap-3">
                    <Who name={row.user.name} email={row.user.email} image={row.user.image}>
                      <Link to="/users" search={{ user: row.user.id }} className="block truncate text-sm font-medium hover:underline">
                        <bdi>{row.user.name || row.user.email}</bdi>
                      </Link>
                    </Who>
                    <span className="shrink-0 pt-0.5 text-dense text-muted-foreground">
                      <Time at={row.createdAt} />
                    </span>
                  </div>
                  {row.reason && (
                    <blockquote className="line-clamp-4 border-s-2 ps-3 text-sm wrap-anywhere">
                      <bdi>{row.reason}</bdi>
                    </blockquote>
                  )}
                  {(row.answers?.length ?? 0) > 0 && (
                    <dl className="grid gap-x-4 gap-y-1 text-dense sm:grid-cols-[auto_1fr]">
                      {row.answers!.map(({ name, label, value }) => (
                        <div key={name} className="contents">
                          <dt className="text-muted-foreground">{label || name}</dt>
                          <dd className="wrap-anywhere">
                            <bdi>{value}</bdi>
                          </dd>
                        </div>
                      ))}
                    </dl>
                  )}
                  {!row.user.emailVerified && <p className="text-dense text-warning">{t("approvals.unproved")}</p>}
                  {refusals.get(row.id) && (
                    <p role="alert" className="text-dense text-destructive">
                      {refusals.get(row.id)}
                    </p>
                  )}
                </div>
                <div className="flex gap-2 sm:ps-3">
                  <Button size="small" onClick={() => void decide([row], null)}>
                    {t("approvals.approve")}
                  </Button>
                  <Button look="secondary" size="small" onClick={() => setRefusing([row])}>
                    {t("approvals.reject")}
                  </Button>
                </div>
              </li>
            ))}
          </ul>
          {found.hasNextPage && (
            <div className="mt-4 text-center">
              <Button look="secondary" size="medium" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                {t("showMore")}
              </Button>
            </div>
          )}
        </>
      )}
      {refusing.length > 0 && <RejectDialog title={refusing.length === 1 ? t("reject.titleOf", { name: refusing[0]!.user.name || refusing[0]!.user.email }) : t("bulk.rejectTitle", { count: refusing.length })} onClose={() => setRefusing([])} onGo={(note) => void decide(refusing, note)} />}
    </>
  );
}
