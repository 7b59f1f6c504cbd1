// The filters of the audit log.
import { useEffect, useId, useState, type ReactNode } from "react";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { X } from "ui/icons";
import { Input } from "ui/input";
import { Select } from "ui/select";
import type { AuditFilters } from "../api";

export const filterNames = ["action", "outcome", "actor", "targetType", "target", "from", "to"] as const;

// The actions that are most asked for; any other can be typed.
const actions = [
  "session.create", "sign-in.fail", "user.create", "user.update", "user.delete", "user.role", "user.ban", "user.unban", "user.set-password", "user.read", "user.list",
  "user.import", "user.export", "password.set", "email.verify", "email.change", "session.revoke", "impersonation.start", "impersonation.stop", "registration.request",
  "registration.approve", "registration.reject", "invitation.create", "invitation.accept", "lock.set", "lock.clear", "access.deny", "step-up", "step-up.fail", "audit.read", "audit.export",
]; // prettier-ignore

const outcomes = ["success", "FORBIDDEN", "INVALID_EMAIL_OR_PASSWORD", "ACCOUNT_LOCKED", "BANNED_USER", "EMAIL_NOT_VERIFIED"];

const hour = 3_600_000;
const spans = { "1h": hour, "24h": 24 * hour, "7d": 7 * 24 * hour, "30d": 30 * 24 * hour };

interface Props {
  filters: AuditFilters;
  onChange: (filters: AuditFilters) => void;
}

// local is a moment as an input of the browser has it, in its time zone.
function local(at: string | undefined): string {
  const time = Date.parse(at ?? "");
  if (Number.isNaN(time)) return "";
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const moment = (typed: string) => (typed ? new Date(typed).toISOString() : undefined);

export function AuditFilter({ filters, onChange }: Props) {
  const t = useTexts("system");
  const [own, setOwn] = useState(Boolean(filters.from || filters.to));
  const set = (more: AuditFilters) => {
    const next = Object.entries({ ...filters, ...more }).filter(([, value]) => value);
    onChange(Object.fromEntries(next));
  };
  const within = (span: string) => {
    setOwn(span === "own");
    if (span === "own") return;
    set({ from: span === "" ? undefined : new Date(Date.now() - spans[span as "1h"]).toISOString(), to: undefined });
  };
  const given = Object.values(filters).some(Boolean);
  return (
    <search className="mb-4 grid grid-cols-2 items-end gap-2 sm:grid-cols-3 lg:flex lg:flex-wrap *:min-w-0 lg:*:w-44">
      <Typed label={t("audit.action")} value={filters.action} hints={actions} onChange={(action) => set({ action })} />
      <Typed label={t("audit.outcome")} value={filters.outcome} hints={outcomes} onChange={(outcome) => set({ outcome })} />
      <Typed label={t("audit.actorID")} value={filters.actor} onChange={(actor) => set({ actor })} />
      <Typed label={t("audit.targetID")} value={filters.target} onChange={(target) => set({ target })} />
      <Labelled label={t("audit.when")}>
        {(id) => (
          <Select id={id} value={own ? "own" : ""} onChange={({ target }) => within(target.value)}>
            <option value="">{t("audit.always")}</option>
            {Object.keys(spans).map((span) => (
              <option key={span} value={span}>
                {t(`audit.span.${span}` as "audit.span.1h")}
              </option>
            ))}
            <option value="own">{t("audit.own")}</option>
          </Select>
        )}
      </Labelled>
      {own && (
        <>
          <Labelled label={t("audit.fromTime")}>
            {(id) => <Input id={id} type="datetime-local" value={local(filters.from)} onChange={({ target }) => set({ from: moment(target.value) })} className="h-9! px-2! sm:text-dense" />}
          </Labelled>
          <Labelled label={t("audit.toTime")}>
            {(id) => <Input id={id} type="datetime-local" value={local(filters.to)} onChange={({ target }) => set({ to: moment(target.value) })} className="h-9! px-2! sm:text-dense" />}
          </Labelled>
        </>
      )}
      {given && (
        <Button
          look="ghost"
          size="medium"
          className="w-fit!"
          onClick={() => {
            setOwn(false);
            onChange({});
          }}
        >
          <X aria-hidden="true" className="size-4" />
          {t("filter.clear")}
        </Button>
      )}
    </search>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="truncate text-xs font-medium text-muted-foreground">
        {label}
      </label>
      {children(id)}
    </div>
  );
}

interface TypedProps {
  label: string;
  value?: string;
  hints?: string[];
  onChange: (value: string) => void;
}

// Typed is a filter that is exact: it counts once it is typed whole.
function Typed({ label, value = "", hints, onChange }: TypedProps) {
  const list = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = (next: string) => next.trim() !== value && onChange(next.trim());
  return (
    <Labelled label={label}>
      {(id) => (
        <>
          <Input
            id={id}
            list={hints && list}
            value={text}
            spellCheck={false}
            autoComplete="off"
            onChange={({ target }) => {
              setText(target.value);
              if (target.value === "" || hints?.includes(target.value)) done(target.value);
            }}
            onBlur={() => done(text)}
            onKeyDown={({ key }) => key === "Enter" && done(text)}
            className="h-9! px-2.5! sm:text-dense pointer-coarse:h-11!"
          />
          {hints && (
            <datalist id={list}>
              {hints.map((hint) => (
                <option key={hint} value={hint} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Labelled>
  );
}
