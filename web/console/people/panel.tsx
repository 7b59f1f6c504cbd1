// One person at the side of the list: who it is, what can be done, and the rest
// in tabs. J and K go to the next one and the one before.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Button } from "ui/button";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { X } from "ui/icons";
import { Menu, type MenuItem } from "ui/menu";
import { user as readUser, type PersonDetail } from "../api";
import { Refusal } from "../client";
import { Avatar } from "../shell";
import { Waiting } from "../states";
import { Fault } from "./fault";
import { Ban, ChevronLeft, ChevronRight, Drama, Ellipsis, MailPlus, ShieldCheck } from "./icons";
import { BanDialog, PersonDialog, RolesDialog, TypedDialog } from "./dialogs";
import { StatusBadge } from "./shown";
import { tabs, type Tab } from "./search";
import { useActions } from "./use-actions";

const Contents = lazy(() => import("./panel-tabs"));

interface Props {
  id: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  onClose: () => void;
  onStep?: (by: 1 | -1) => void;
  place?: string; // "3 of 50"
}

export function Panel({ id, tab, onTab, onClose, onStep, place }: Props) {
  const t = useTexts("people");
  const heading = useId();
  const root = useRef<HTMLDivElement>(null);
  const { data, error, refetch } = useQuery({ queryKey: ["user", id], queryFn: ({ signal }) => readUser(id, signal) });
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    root.current?.focus();
    return () => {
      if (before?.isConnected) before.focus();
    };
  }, []);
  const gone = error instanceof Refusal && error.status === 404;
  return (
    <div
      ref={root}
      role="dialog"
      aria-modal="false"
      aria-labelledby={heading}
      tabIndex={-1}
      className="fixed inset-y-0 end-0 z-20 flex w-full max-w-140 flex-col border-s bg-card shadow-float outline-none"
    >
      <div className="flex items-center gap-1 border-b px-3 py-2">
        {onStep && (
          <>
            <Small label={t("panel.before")} onClick={() => onStep(-1)} keys="K">
              <ChevronLeft aria-hidden="true" className="size-4.5 rtl:-scale-x-100" />
            </Small>
            <Small label={t("panel.next")} onClick={() => onStep(1)} keys="J">
              <ChevronRight aria-hidden="true" className="size-4.5 rtl:-scale-x-100" />
            </Small>
          </>
        )}
        <span className="grow ps-1 text-dense text-muted-foreground tabular-nums">{place}</span>
        <Small label={t("panel.close")} onClick={onClose} keys="Esc">
          <X aria-hidden="true" className="size-4.5" />
        </Small>
      </div>
      {data ? (
        <Person key={id} detail={data} heading={heading} tab={tab} onTab={onTab} onGone={onClose} />
      ) : (
        <div className="p-5">
          <h2 id={heading} className={cx("text-lg", !error && "sr-only")}>
            {gone ? t("panel.gone") : t("panel.title")}
          </h2>
          {gone ? <p className="mt-2 text-muted-foreground">{t("panel.goneLead")}</p> : error ? <Fault fault={error} again={() => void refetch()} /> : <Waiting rows={8} />}
        </div>
      )}
    </div>
  );
}

function Small({ label, keys, onClick, children }: { label: string; keys: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={`${label} (${keys})`}
      onClick={onClick}
      className="grid size-8 place-items-center rounded-control text-muted-foreground hover:bg-muted hover:text-foreground pointer-coarse:size-11"
    >
      {children}
    </button>
  );
}

type Open = "ban" | "remove" | "edit" | "roles" | "";

function Person({ detail, heading, tab, onTab, onGone }: { detail: PersonDetail; heading: string; tab: Tab; onTab: (tab: Tab) => void; onGone: () => void }) {
  const t = useTexts("people");
  const { user, can } = detail;
  const actions = useActions();
  const [open, setOpen] = useState<Open>("");
  const name = user.name || user.email;
  const bold = <bdi className="font-semibold wrap-anywhere">{name}</bdi>;
  const close = () => setOpen("");
  const more: MenuItem[] = [
    ...(can.includes("update") ? [{ id: "edit", label: t("do.edit"), onSelect: () => setOpen("edit") }] : []),
    ...(can.includes("set-role") ? [{ id: "roles", label: t("do.role"), onSelect: () => setOpen("roles") }] : []),
    ...(can.includes("revoke-sessions") ? [{ id: "revoke", label: t("do.revoke"), onSelect: () => void actions.revokeSessions(user) }] : []),
    ...(can.includes("delete") ? [{ id: "remove", label: <span className="text-destructive">{t("do.remove")}</span>, onSelect: () => setOpen("remove") }] : []),
  ];
  return (
    <>
      <div className="grid gap-4 px-5 pt-4">
        <div className="flex items-start gap-3">
          <span className="*:size-11 *:text-base">
            <Avatar name={name} image={user.image} />
          </span>
          <div className="min-w-0 grow">
            <h2 id={heading} className="line-clamp-2 text-lg leading-6 wrap-anywhere">
              <bdi>{name}</bdi>
            </h2>
            <p className="mt-0.5 truncate text-sm text-muted-foreground">
              <bdi>{user.email}</bdi>
            </p>
          </div>
          <StatusBadge person={user} />
        </div>
        <div className="flex flex-wrap gap-2">
          {can.includes("impersonate") && (
            <Button look="secondary" size="small" onClick={() => void actions.impersonate(user)}>
              <Drama aria-hidden="true" className="size-4" />
              {t("do.impersonate")}
            </Button>
          )}
          {can.includes("set-password") && (
            <Button look="secondary" size="small" onClick={() => void actions.resetPassword(user)}>
              <MailPlus aria-hidden="true" className="size-4" />
              {t("do.reset")}
            </Button>
          )}
          {can.includes("ban") &&
            (user.status === "banned" ? (
              <Button look="secondary" size="small" onClick={() => void actions.unban(user)}>
                <ShieldCheck aria-hidden="true" className="size-4" />
                {t("do.unban")}
              </Button>
            ) : (
              <Button look="destructive" size="small" onClick={() => setOpen("ban")}>
                <Ban aria-hidden="true" className="size-4" />
                {t("do.ban")}
              </Button>
            ))}
          {more.length > 0 && <Menu label={t("do.more")} button={<Ellipsis aria-hidden="true" className="size-4" />} items={more} className="h-8! w-9 justify-center border border-input pointer-coarse:size-11" />}
        </div>
      </div>
      <Tabs tab={tab} onTab={onTab}>
        <Suspense fallback={<Waiting rows={6} />}>
          <Contents tab={tab} detail={detail} onRoles={(next) => void actions.setRoles(user, next)} onTab={onTab} />
        </Suspense>
      </Tabs>
      {open === "ban" && <BanDialog title={t.rich("ban.title", { name: bold })} onClose={close} onBan={(terms) => void actions.ban(user, terms)} />}
      {open === "edit" && <PersonDialog person={user} onClose={close} onDone={() => {}} />}
      {open === "roles" && <RolesDialog title={t.rich("role.title", { name: bold })} roles={user.roles} onClose={close} onGo={(next) => void actions.setRoles(user, next)} />}
      {open === "remove" && (
        <TypedDialog
          title={t.rich("remove.title", { name: bold })}
          lead={t("remove.lead")}
          word={user.email}
          go={t("remove.go")}
          onClose={close}
          onGo={async () => {
            const done = await actions.remove(user);
            if (done) onGone();
            return done;
          }}
        />
      )}
    </>
  );
}

function Tabs({ tab, onTab, children }: { tab: Tab; onTab: (tab: Tab) => void; children: ReactNode }) {
  const t = useTexts("people");
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const backwards = getComputedStyle(event.currentTarget).direction === "rtl" ? 1 : -1;
    const by = { ArrowRight: -backwards, ArrowLeft: backwards }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]!;
    onTab(next);
    list.current?.querySelector<HTMLElement>(`[data-tab=${next}]`)?.focus();
  };
  return (
    <>
      <div ref={list} role="tablist" aria-label={t("panel.tabs")} onKeyDown={onKeyDown} className="mt-4 flex gap-x-1 overflow-x-auto overflow-y-hidden border-b px-4">
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`${id}-${each}`}
            data-tab={each}
            aria-selected={each === tab}
            aria-controls={`${id}-panel`}
            tabIndex={each === tab ? 0 : -1}
            onClick={() => onTab(each)}
            className="-mb-px h-10 shrink-0 border-b-2 border-transparent px-2 text-sm font-medium text-muted-foreground -outline-offset-2 hover:text-foreground aria-selected:border-primary aria-selected:text-foreground pointer-coarse:h-11"
          >
            {t(`tab.${each}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`} tabIndex={0} className="min-h-0 grow overflow-y-auto px-5 py-5 -outline-offset-2">
        {children}
      </div>
    </>
  );
}
