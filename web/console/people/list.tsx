// The list of people: as many rows in the document as the window shows and a
// few more, whatever their number. A table where there is room for one, cards
// where there is none.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useId, useImperativeHandle, useLayoutEffect, useRef, useState, useSyncExternalStore, type CSSProperties, type ReactNode, type Ref } from "react";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { Time } from "ui/time";
import type { Count, Person } from "../api";
import { Waiting } from "../states";
import { ArrowDown, ArrowUp } from "./icons";
import type { Column, Look } from "./kept";
import type { UsersSearch } from "./search";
import { StatusBadge, Who } from "./shown";

export interface Scroller {
  show: (index: number, focus: boolean) => void;
}

type Sort = "email" | "name" | "createdAt";

interface Props {
  ref: Ref<Scroller>;
  rows: Person[];
  count: Count | null;
  ended: boolean;
  waiting: boolean;
  search: UsersSearch;
  look: Look;
  chosen: ReadonlyMap<string, Person>;
  onChosen: (chosen: ReadonlyMap<string, Person>) => void;
  onToggle: (person: Person) => void;
  onOpen: (person: Person) => void;
  onSort: (sort: Sort, dir: "asc" | "desc") => void;
  onEnd: () => void;
}

const widths: Record<Column, string> = {
  role: "minmax(5rem,1fr)",
  status: "7.5rem",
  twoFactor: "5.5rem",
  created: "7.5rem",
  updated: "7.5rem",
  id: "minmax(6rem,1.2fr)",
};

const wide = matchMedia("(min-width: 48rem)");
const useWide = () =>
  useSyncExternalStore(
    (notify) => {
      wide.addEventListener("change", notify);
      return () => wide.removeEventListener("change", notify);
    },
    () => wide.matches,
  );

export function List({ ref, rows, count, ended, waiting, search, look, chosen, onChosen, onToggle, onOpen, onSort, onEnd }: Props) {
  const t = useTexts("people");
  const c = useTexts("console");
  const table = useWide();
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const height = table ? (look.dense ? 38 : 54) : 100;
  useLayoutEffect(() => {
    if (!body.current) return;
    const measure = () => body.current && setMargin(Math.round(body.current.getBoundingClientRect().top + scrollY));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, [table, waiting]);

  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    overscan: 4,
    scrollMargin: margin,
    scrollPaddingStart: 120,
    scrollPaddingEnd: 80,
    getItemKey: (index) => rows[index]!.id,
    useFlushSync: false,
  });
  useEffect(() => virtual.measure(), [height, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= rows.length - 15 && rows.length > 0) onEnd();
  }, [last, rows.length, onEnd]);

  useImperativeHandle(ref, () => ({
    show: (index, focus) => {
      virtual.scrollToIndex(index);
      if (focus) requestAnimationFrame(() => body.current?.querySelector<HTMLElement>(`[data-row="${index}"] [data-open]`)?.focus());
    },
  }));

  const allChosen = rows.length > 0 && rows.every(({ id }) => chosen.has(id));
  const chooseAll = () => onChosen(allChosen ? new Map() : new Map([...chosen, ...rows.map((each) => [each.id, each] as const)]));
  const template: CSSProperties = { gridTemplateColumns: ["2.5rem", "minmax(11rem,2.4fr)", ...look.columns.map((each) => widths[each])].join(" ") };
  const total = ended ? rows.length + 1 : count?.exact ? count.value + 1 : -1;

  if (waiting) {
    return (
      <div className="rounded-card border bg-card">
        <Waiting rows={12} />
      </div>
    );
  }
  return (
    <div role={table ? "table" : undefined} aria-rowcount={table ? total : undefined} aria-label={table ? c("nav.users") : undefined} className={cx(table && "rounded-card border bg-card")}>
      {table && (
        <div role="rowgroup" className="sticky top-14 z-5 lg:top-0">
          <div role="row" aria-rowindex={1} className="grid h-10 items-center rounded-t-card border-b bg-muted ps-1 pe-3 text-dense font-medium text-muted-foreground" style={template}>
            <span role="columnheader" className="grid place-items-center">
              <input type="checkbox" aria-label={t("choose.all")} checked={allChosen} onChange={chooseAll} className="size-4 accent-primary" />
            </span>
            <span role="columnheader" aria-sort={sorted(search, "name") ?? sorted(search, "email") ?? "none"} className="flex items-center gap-3 px-2">
              <SortButton sort="name" search={search} onSort={onSort}>
                {t("person.name")}
              </SortButton>
              <SortButton sort="email" search={search} onSort={onSort}>
                {t("column.email")}
              </SortButton>
            </span>
            {look.columns.map((each) =>
              each === "created" ? (
                <span key={each} role="columnheader" aria-sort={sorted(search, "createdAt") ?? "none"} className="px-2">
                  <SortButton sort="createdAt" search={search} onSort={onSort}>
                    {t("column.created")}
                  </SortButton>
                </span>
              ) : (
                <Unsorted key={each}>{t(`column.${each}`)}</Unsorted>
              ),
            )}
          </div>
        </div>
      )}
      <div ref={body} role={table ? "rowgroup" : "list"} aria-label={table ? undefined : c("nav.users")} className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const person = rows[item.index]!;
          const shared = { person, index: item.index, chosen: chosen.has(person.id), open: search.user === person.id, onToggle, onOpen };
          return (
            <div key={person.id} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${item.start - margin}px)` }} role="presentation">
              {table ? <Row {...shared} look={look} template={template} /> : <PersonCard {...shared} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const sorted = (search: UsersSearch, sort: Sort) => ((search.sort ?? "createdAt") !== sort ? undefined : direction(search) === "asc" ? ("ascending" as const) : ("descending" as const));
const direction = ({ sort = "createdAt", dir }: UsersSearch) => dir ?? (sort === "createdAt" ? "desc" : "asc");

function SortButton({ sort, search, onSort, children }: { sort: Sort; search: UsersSearch; onSort: (sort: Sort, dir: "asc" | "desc") => void; children: ReactNode }) {
  const on = (search.sort ?? "createdAt") === sort;
  const dir = direction(search);
  const Sign = dir === "asc" ? ArrowUp : ArrowDown;
  const next = on ? (dir === "asc" ? "desc" : "asc") : sort === "createdAt" ? "desc" : "asc";
  return (
    <button type="button" onClick={() => onSort(sort, next)} className={cx("-mx-1 inline-flex h-7 items-center gap-1 rounded-control px-1 hover:text-foreground", on && "text-foreground")}>
      {children}
      <Sign aria-hidden="true" className={cx("size-3.5", !on && "invisible")} />
    </button>
  );
}

// Unsorted is a column that has no index: it says so instead of doing nothing.
function Unsorted({ children }: { children: ReactNode }) {
  const t = useTexts("people");
  const id = useId();
  return (
    <span role="columnheader" className="group relative px-2">
      <button type="button" aria-disabled="true" aria-describedby={id} className="-mx-1 inline-flex h-7 max-w-full items-center rounded-control px-1">
        <span className="truncate">{children}</span>
      </button>
      <span
        id={id}
        role="tooltip"
        className="pointer-events-none invisible absolute end-0 top-full z-10 mt-1 w-60 rounded-control border bg-card p-2.5 text-xs font-normal text-foreground shadow-float group-focus-within:visible group-hover:visible"
      >
        {t("column.unsorted")}
      </span>
    </span>
  );
}

interface RowProps {
  person: Person;
  index: number;
  chosen: boolean;
  open: boolean;
  onToggle: (person: Person) => void;
  onOpen: (person: Person) => void;
}

const Row = memo(
  function Row({ person, index, chosen, open, look, template, onToggle, onOpen }: RowProps & { look: Look; template: CSSProperties }) {
    const t = useTexts("people");
    const name = person.name || person.email;
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={undefined}
        data-row={index}
        data-person
        onClick={(event) => !(event.target as Element).closest("input, button, label") && onOpen(person)}
        className={cx("grid h-full cursor-pointer items-center border-b ps-1 pe-3 text-dense hover:bg-muted", (chosen || open) && "bg-muted")}
        style={template}
      >
        <span role="cell" className="grid place-items-center">
          <input type="checkbox" aria-label={t("choose.one", { name })} checked={chosen} onChange={() => onToggle(person)} className="size-4 accent-primary" />
        </span>
        <span role="cell" className="min-w-0 px-2">
          <Who name={person.name} email={person.email} image={person.image} small={look.dense}>
            <button type="button" data-open dir="auto" onClick={() => onOpen(person)} className={cx("truncate rounded-[2px] text-sm font-medium hover:underline", look.dense ? "max-w-1/2 min-w-0" : "block w-fit max-w-full")}>
              {name}
            </button>
          </Who>
        </span>
        {look.columns.map((each) => (
          <span key={each} role="cell" className="min-w-0 truncate px-2">
            <Cell column={each} person={person} />
          </span>
        ))}
      </div>
    );
  },
  (a, b) => a.person === b.person && a.index === b.index && a.chosen === b.chosen && a.open === b.open && a.look === b.look,
);

function Cell({ column, person }: { column: Column; person: Person }) {
  const t = useTexts("people");
  switch (column) {
    case "role":
      return <bdi>{person.roles.join(", ")}</bdi>;
    case "status":
      return <StatusBadge person={person} />;
    case "twoFactor":
      return <span className="text-muted-foreground">{person.twoFactor === null ? "–" : person.twoFactor ? t("twoFactor.on") : t("twoFactor.off")}</span>;
    case "created":
      return <Time at={person.createdAt} />;
    case "updated":
      return <Time at={person.updatedAt} />;
    case "id":
      return <code className="text-xs">{person.id}</code>;
  }
}

function PersonCard({ person, index, chosen, open, onToggle, onOpen }: RowProps) {
  const t = useTexts("people");
  const name = person.name || person.email;
  return (
    <div role="listitem" data-row={index} data-person className="h-full pb-2">
      <div
        className={cx("relative flex h-full items-start gap-2.5 rounded-card border bg-card p-3", (chosen || open) && "border-primary")}
      >
        <label className="z-1 -m-1.5 grid size-9 shrink-0 place-items-center pointer-coarse:size-11">
          <input type="checkbox" aria-label={t("choose.one", { name })} checked={chosen} onChange={() => onToggle(person)} className="size-4.5 accent-primary" />
        </label>
        <div className="grid min-w-0 grow gap-1">
          <button type="button" data-open onClick={() => onOpen(person)} dir="auto" className="max-w-full min-w-0 justify-self-start truncate text-sm font-medium after:absolute after:inset-0 after:rounded-card">
            {name}
          </button>
          <span className="truncate text-dense text-muted-foreground">
            <bdi>{person.email}</bdi>
          </span>
          <span className="flex min-w-0 items-center gap-2 text-dense text-muted-foreground">
            <StatusBadge person={person} />
            <bdi className="truncate">{person.roles.join(", ")}</bdi>
            <span className="ms-auto shrink-0">
              <Time at={person.createdAt} />
            </span>
          </span>
        </div>
      </div>
    </div>
  );
}
