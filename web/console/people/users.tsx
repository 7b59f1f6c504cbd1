// Everybody: found, filtered and ordered by what the address says.
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import "./texts";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { announce } from "ui/live";
import { users as readUsers, type Person } from "../api";
import { useKeys } from "../keys";
import { PageHead } from "../shell";
import { Empty } from "../states";
import { Bulk } from "./bulk";
import { PersonDialog } from "./dialogs";
import { Fault } from "./fault";
import { Plus, UserRoundSearch, UsersIcon } from "./icons";
import { useLook } from "./kept";
import { Panel } from "./panel";
import { queryOf, type UsersSearch } from "./search";
import { useCount } from "./shown";
import { List, type Scroller } from "./list";
import { Toolbar } from "./toolbar";

const route = getRouteApi("/users");

export function Users() {
  const t = useTexts("people");
  const c = useTexts("console");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [look, setLook] = useLook();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Person>>(new Map());
  const [creating, setCreating] = useState(false);
  const [at, setAt] = useState(-1);
  const scroller = useRef<Scroller>(null);
  const say = useCount();

  const change = useCallback((next: Partial<UsersSearch>, replace = true) => void navigate({ search: (before: UsersSearch) => ({ ...before, ...next }), replace }), [navigate]);

  const query = queryOf(search);
  const found = useInfiniteQuery({
    queryKey: ["users", "list", query],
    queryFn: ({ pageParam, signal }) => readUsers({ ...query, cursor: pageParam, count: pageParam === undefined }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.users) ?? [], [found.data]);
  const count = found.data?.pages[0]?.count;
  const counted = count ? t("users.count", { count: count.value, number: say(count) }) : "";
  useEffect(() => {
    if (counted && !found.isPlaceholderData) announce(counted);
  }, [counted, found.isPlaceholderData]);
  useEffect(() => setAt(-1), [found.data?.pages[0]]);

  const more = useCallback(() => {
    if (found.hasNextPage && !found.isFetching && !found.isError) void found.fetchNextPage();
  }, [found]);

  const open = search.user;
  const place = open ? rows.findIndex(({ id }) => id === open) : at;
  const step = (by: 1 | -1) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, place + by))];
    if (!next) return;
    const index = rows.indexOf(next);
    setAt(index);
    scroller.current?.show(index, !open);
    if (index > rows.length - 10) more();
    if (open) change({ user: next.id });
  };
  const toggle = useCallback((person: Person) => {
    setChosen((before) => {
      const next = new Map(before);
      if (!next.delete(person.id)) next.set(person.id, person);
      return next;
    });
  }, []);
  // Going from one panel to the next is no step back in the browser's history.
  const show = useCallback(
    (person: Person) => {
      const at = new URLSearchParams(location.search);
      change({ user: person.id }, at.has("user"));
    },
    [change],
  );
  const close = () => {
    setAt(place);
    change({ user: undefined, tab: undefined });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    x: () => rows[place] && toggle(rows[place]),
    n: () => setCreating(true),
    ...((open || chosen.size > 0) && { Escape: () => (open ? close() : setChosen(new Map())) }),
  });

  const filtered = Boolean(query.search || query.role || query.status || query.verified !== undefined || query.createdFrom || query.createdTo);
  return (
    <>
      <PageHead title={c("nav.users")}>
        <Button size="medium" onClick={() => setCreating(true)}>
          <Plus aria-hidden="true" className="size-4" />
          {t("users.new")}
        </Button>
      </PageHead>
      <Toolbar search={search} onChange={change} look={look} onLook={setLook} />
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 pt-3 pb-2 text-dense text-muted-foreground">
        <p className="tabular-nums">{found.isFetching && !found.isFetchingNextPage && (found.isPlaceholderData || !found.data) ? t("users.searching") : counted}</p>
        {rows.length > 0 && <p className="hidden md:block">{t.rich("users.keysHint", { key: <kbd key="k" className="rounded-[0.25rem] border bg-card px-1 font-sans">?</kbd> })}</p>}
      </div>
      {found.isError && rows.length === 0 ? (
        <Fault fault={found.error} again={() => void found.refetch()} />
      ) : found.data && rows.length === 0 ? (
        <div className="rounded-card border bg-card">
          {filtered ? (
            <Empty icon={UserRoundSearch} title={t("users.nobody")}>
              <p className="mb-4">{t("users.nobodyLead")}</p>
              <Button look="secondary" size="medium" onClick={() => void navigate({ search: {} })}>
                {t("users.clear")}
              </Button>
            </Empty>
          ) : (
            <Empty icon={UsersIcon} title={t("users.empty")}>
              {t.rich("users.emptyLead", { command: <code key="c" dir="ltr" className="rounded-control bg-muted px-1.5 py-0.5 text-dense select-all">gatehouse user import people.csv</code> })}
            </Empty>
          )}
        </div>
      ) : (
        <List
          ref={scroller}
          rows={rows}
          count={count ?? null}
          ended={found.data !== undefined && !found.hasNextPage}
          waiting={!found.data}
          search={search}
          look={look}
          chosen={chosen}
          onChosen={setChosen}
          onToggle={toggle}
          onOpen={show}
          onSort={(sort, dir) => change({ sort, dir })}
          onEnd={more}
        />
      )}
      {found.isError && rows.length > 0 && <Fault fault={found.error} again={() => void (found.isFetchNextPageError ? found.fetchNextPage() : found.refetch())} />}
      {chosen.size > 0 && <Bulk chosen={chosen} onClear={() => setChosen(new Map())} />}
      {open && (
        <Panel
          id={open}
          tab={search.tab ?? "overview"}
          onTab={(tab) => change({ tab: tab === "overview" ? undefined : tab })}
          onClose={close}
          onStep={place >= 0 ? step : undefined}
          place={place >= 0 && count ? t("panel.place", { place: place + 1, count: say(count) }) : undefined}
        />
      )}
      {creating && <PersonDialog onClose={() => setCreating(false)} onDone={(id) => change({ user: id })} />}
    </>
  );
}
