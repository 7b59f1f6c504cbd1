// What narrows the list of people down, and how it looks.
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "ui/button";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { X } from "ui/icons";
import { Input, inputClass } from "ui/input";
import { Select } from "ui/select";
import type { Status } from "../api";
import { useKeys } from "../keys";
import { Bookmark, Columns3, ListFilter, Search } from "./icons";
import { columns, useViews, type Look } from "./kept";
import { Check, Popover } from "./popover";
import { useRoles } from "./dialogs";
import { statuses, type UsersSearch } from "./search";

interface Props {
  search: UsersSearch;
  onChange: (next: Partial<UsersSearch>) => void;
  look: Look;
  onLook: (look: Look) => void;
}

const pause = 200; // milliseconds after the last key

export function Toolbar({ search, onChange, look, onLook }: Props) {
  const t = useTexts("people");
  const roles = useRoles();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(search.q ?? "");
  const sent = useRef(search.q ?? "");
  useEffect(() => {
    if ((search.q ?? "") !== sent.current) {
      sent.current = search.q ?? "";
      setTyped(sent.current);
    }
  }, [search.q]);
  useEffect(() => {
    if (typed.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed.trim();
      onChange({ q: sent.current || undefined });
    }, pause);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  useKeys({ "/": () => input.current?.focus() });

  const short = search.mode === "contains" && search.in !== "id" && typed.length > 0 && [...typed.trim()].length < 3;
  const more = [search.verified, search.from, search.to].filter(Boolean).length;
  const any = Boolean(search.q || search.role || search.status || more);
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap gap-2">
        <div role="search" className="flex min-w-0 grow basis-72">
          <div className="relative min-w-0 grow">
            <Search aria-hidden="true" className="pointer-events-none absolute start-3 top-1/2 size-4 -translate-y-1/2 text-muted-foreground" />
            <input
              ref={input}
              type="search"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => event.key === "Escape" && (typed ? setTyped("") : event.currentTarget.blur())}
              aria-label={t("search.label")}
              aria-describedby={short ? "search-short" : undefined}
              placeholder={t(`search.by.${search.in ?? "email"}`)}
              autoComplete="off"
              spellCheck={false}
              className={cx(inputClass, "h-9 rounded-e-none! ps-9! sm:text-sm [&::-webkit-search-cancel-button]:hidden pointer-coarse:h-11")}
            />
            <kbd className="pointer-events-none absolute end-2.5 top-1/2 hidden -translate-y-1/2 rounded-[0.25rem] border px-1.5 font-sans text-xs text-muted-foreground md:block" aria-hidden="true">
              /
            </kbd>
          </div>
          <Select
            aria-label={t("search.in")}
            value={search.in ?? "email"}
            onChange={({ target: { value } }) => onChange({ in: value === "email" ? undefined : (value as "name"), ...(value === "id" && { mode: undefined }) })}
            className="-ms-px w-28 shrink-0 *:first:rounded-none"
          >
            <option value="email">{t("column.email")}</option>
            <option value="name">{t("person.name")}</option>
            <option value="id">{t("column.id")}</option>
          </Select>
          <Select
            aria-label={t("search.mode")}
            value={search.mode ?? "prefix"}
            disabled={search.in === "id"}
            onChange={({ target: { value } }) => onChange({ mode: value === "contains" ? "contains" : undefined })}
            className="-ms-px w-32 shrink-0 *:first:rounded-s-none max-sm:hidden"
          >
            <option value="prefix">{t("search.prefix")}</option>
            <option value="contains">{t("search.contains")}</option>
          </Select>
        </div>
        <Select aria-label={t("filter.role")} value={search.role ?? ""} onChange={({ target: { value } }) => onChange({ role: value || undefined })} className="min-w-0 grow basis-32 sm:max-w-40">
          <option value="">{t("filter.anyRole")}</option>
          {[...new Set([...(roles.data?.roles.map(({ name }) => name) ?? []), ...(search.role ? [search.role] : [])])].map((role) => (
            <option key={role} value={role}>
              {role}
            </option>
          ))}
        </Select>
        <Select aria-label={t("filter.status")} value={search.status ?? ""} onChange={({ target: { value } }) => onChange({ status: (value || undefined) as Status | undefined })} className="min-w-0 grow basis-32 sm:max-w-44">
          <option value="">{t("filter.anyStatus")}</option>
          {statuses.map((status) => (
            <option key={status} value={status}>
              {t(`status.${status}`)}
            </option>
          ))}
        </Select>
        <Popover label={t("filter.more")} button={<><ListFilter aria-hidden="true" className="size-4" />{more > 0 && <span className="tabular-nums">{more}</span>}</>}>
          {() => <MoreFilters search={search} onChange={onChange} />}
        </Popover>
        <Popover label={t("look.label")} button={<Columns3 aria-hidden="true" className="size-4" />}>
          {() => (
            <div className="grid gap-0.5">
              <p className="px-1.5 pb-1 text-xs font-medium text-muted-foreground">{t("look.columns")}</p>
              {columns.map((each) => (
                <Check
                  key={each}
                  checked={look.columns.includes(each)}
                  onChange={(on) => onLook({ ...look, columns: columns.filter((one) => (one === each ? on : look.columns.includes(one))) })}
                >
                  {t(`column.${each}`)}
                </Check>
              ))}
              <p className="px-1.5 pt-2 pb-1 text-xs font-medium text-muted-foreground">{t("look.density")}</p>
              <Check checked={look.dense} onChange={(dense) => onLook({ ...look, dense })}>
                {t("look.dense")}
              </Check>
            </div>
          )}
        </Popover>
        <Popover label={t("views.label")} button={<Bookmark aria-hidden="true" className="size-4" />}>
          {(close) => <Views search={search} onChange={onChange} onDone={close} />}
        </Popover>
      </div>
      {short && (
        <p id="search-short" role="status" className="text-dense text-warning">
          {t("search.short")}
        </p>
      )}
      {any && (
        <div className="flex flex-wrap items-center gap-1.5">
          {search.q && <Chip onDrop={() => (setTyped(""), onChange({ q: undefined }))}>{search.q}</Chip>}
          {search.role && <Chip onDrop={() => onChange({ role: undefined })}>{search.role}</Chip>}
          {search.status && <Chip onDrop={() => onChange({ status: undefined })}>{t(`status.${search.status}`)}</Chip>}
          {search.verified && <Chip onDrop={() => onChange({ verified: undefined })}>{t(`verified.${search.verified}`)}</Chip>}
          {search.from && <Chip onDrop={() => onChange({ from: undefined })}>{`${t("filter.from")} ${search.from}`}</Chip>}
          {search.to && <Chip onDrop={() => onChange({ to: undefined })}>{`${t("filter.to")} ${search.to}`}</Chip>}
          <Button
            look="ghost"
            size="small"
            onClick={() => {
              setTyped("");
              onChange({ q: undefined, role: undefined, status: undefined, verified: undefined, from: undefined, to: undefined });
            }}
          >
            {t("users.clear")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Chip({ onDrop, children }: { onDrop: () => void; children: string }) {
  const t = useTexts("people");
  return (
    <span className="inline-flex max-w-60 items-center rounded-full border bg-card ps-2.5 text-dense">
      <bdi className="truncate">{children}</bdi>
      <button type="button" aria-label={t("filter.drop", { filter: children })} onClick={onDrop} className="grid size-7 shrink-0 place-items-center rounded-full text-muted-foreground hover:text-foreground pointer-coarse:size-11">
        <X aria-hidden="true" className="size-3.5" />
      </button>
    </span>
  );
}

function MoreFilters({ search, onChange }: Pick<Props, "search" | "onChange">) {
  const t = useTexts("people");
  const row = (label: string, children: ReactNode) => (
    <label className="grid gap-1 text-dense font-medium">
      {label}
      {children}
    </label>
  );
  const day = "h-9! sm:text-sm pointer-coarse:h-11!";
  return (
    <div className="grid gap-3">
      {row(
        t("filter.verified"),
        <Select value={search.verified ?? ""} onChange={({ target: { value } }) => onChange({ verified: (value || undefined) as "yes" | undefined })}>
          <option value="">{t("filter.any")}</option>
          <option value="yes">{t("verified.yes")}</option>
          <option value="no">{t("verified.no")}</option>
        </Select>,
      )}
      {row(t("filter.from"), <Input type="date" value={search.from ?? ""} onChange={({ target: { value } }) => onChange({ from: value || undefined })} className={day} />)}
      {row(t("filter.to"), <Input type="date" value={search.to ?? ""} onChange={({ target: { value } }) => onChange({ to: value || undefined })} className={day} />)}
    </div>
  );
}

function Views({ search, onChange, onDone }: Pick<Props, "search" | "onChange"> & { onDone: () => void }) {
  const t = useTexts("people");
  const [views, setViews] = useViews();
  const [name, setName] = useState("");
  const nothing: Partial<UsersSearch> = { q: undefined, in: undefined, mode: undefined, role: undefined, status: undefined, verified: undefined, from: undefined, to: undefined, sort: undefined, dir: undefined };
  const save = () => {
    if (!name.trim()) return;
    const { user: _, tab: __, ...kept } = search;
    setViews([...views.filter((each) => each.name !== name.trim()), { name: name.trim(), search: kept }]);
    setName("");
  };
  return (
    <div className="grid gap-2">
      {views.length === 0 ? (
        <p className="text-dense text-muted-foreground">{t("views.none")}</p>
      ) : (
        <ul>
          {views.map((view) => (
            <li key={view.name} className="flex items-center">
              <button
                type="button"
                onClick={() => {
                  onChange({ ...nothing, ...view.search });
                  onDone();
                }}
                className="min-h-8 min-w-0 grow truncate rounded-control px-1.5 text-start text-sm hover:bg-muted pointer-coarse:min-h-11"
              >
                <bdi>{view.name}</bdi>
              </button>
              <button
                type="button"
                aria-label={t("views.drop", { name: view.name })}
                onClick={() => setViews(views.filter((each) => each !== view))}
                className="grid size-8 shrink-0 place-items-center rounded-control text-muted-foreground hover:bg-muted hover:text-foreground pointer-coarse:size-11"
              >
                <X aria-hidden="true" className="size-4" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        className={cx("flex gap-2", views.length > 0 && "border-t pt-3")}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Input aria-label={t("views.name")} placeholder={t("views.name")} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} className="h-8! sm:text-sm pointer-coarse:h-11!" />
        <Button type="submit" look="secondary" size="small">
          {t("views.save")}
        </Button>
      </form>
    </div>
  );
}
