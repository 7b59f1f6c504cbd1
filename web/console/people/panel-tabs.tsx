// What the tabs of a person's panel hold.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { Badge } from "ui/badge";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { Clock, KeyRound, LockKeyhole, Monitor } from "ui/icons";
import { Time } from "ui/time";
import { toast } from "ui/toast";
import { access, auditEntries, revokeSession, sessions, type PersonDetail } from "../api";
import { withProof } from "../proof";
import { Empty, Waiting } from "../states";
import { approve, clearLock, clearLocksOf, reject } from "./api";
import { RejectDialog, useRoles } from "./dialogs";
import { codeText, Fault, useFault } from "./fault";
import { Check } from "./popover";
import { DeviceName } from "./shown";
import type { Tab } from "./search";
import { useActions } from "./use-actions";

interface Props {
  tab: Tab;
  detail: PersonDetail;
  onRoles: (roles: string[]) => void;
  onTab: (tab: Tab) => void;
}

export default function Contents(props: Props) {
  switch (props.tab) {
    case "sessions":
      return <Sessions {...props} />;
    case "accounts":
      return <Accounts {...props} />;
    case "security":
      return <Security {...props} />;
    case "activity":
      return <Activity {...props} />;
    case "raw":
      return <Raw {...props} />;
  }
  return <Overview {...props} />;
}

function Block({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="mb-7 last:mb-0">
      <div className="mb-2 flex min-h-8 items-center justify-between gap-3">
        <h3 className="text-sm">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}

function Facts({ of }: { of: [string, ReactNode][] }) {
  return (
    <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-2 text-sm">
      {of.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted-foreground">{name}</dt>
          <dd className="min-w-0 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const Own = ({ children }: { children: ReactNode }) => <bdi className="wrap-anywhere">{children}</bdi>;

function Overview({ detail, onRoles, onTab }: Props) {
  const t = useTexts("people");
  const { user, can, fields, invitation } = detail;
  const { data } = useRoles();
  const all = [...new Set([...(data?.roles.map(({ name }) => name) ?? []), ...user.roles])];
  return (
    <>
      {user.status === "banned" && (
        <Block title={t("ban.block")}>
          <Facts
            of={[
              [t("ban.reason"), user.banReason ? <Own>{user.banReason}</Own> : t("none")],
              [t("ban.untilLabel"), user.banExpires ? <Time at={user.banExpires} full /> : t("ban.term.forever")],
            ]}
          />
        </Block>
      )}
      {detail.request?.state === "pending" && <Waits request={detail.request} />}
      <Block title={t("panel.facts")}>
        <Facts
          of={[
            [t("person.email"), <Own key="e">{user.email} {user.emailVerified ? <Badge tone="success">{t("verified.yes")}</Badge> : <Badge>{t("verified.no")}</Badge>}</Own>],
            [t("column.id"), <code key="i" className="text-dense select-all">{user.id}</code>],
            [t("column.created"), <Time key="c" at={user.createdAt} full />],
            [t("column.updated"), <Time key="u" at={user.updatedAt} full />],
            [
              t("tab.sessions"),
              <button key="s" type="button" className="link" onClick={() => onTab("sessions")}>
                {t("panel.alive", { count: detail.sessions })}
              </button>,
            ],
            ...(invitation ? ([[t("panel.invited"), <Time key="t" at={invitation.acceptedAt} full />]] as [string, ReactNode][]) : []),
            ...Object.entries(fields).map(([name, value]): [string, ReactNode] => [name, <Own key={name}>{value === null ? t("none") : typeof value === "object" ? JSON.stringify(value) : String(value)}</Own>]),
          ]}
        />
      </Block>
      <Block title={t("roles")}>
        <div className="-mx-1.5 grid sm:grid-cols-2">
          {all.map((role) => {
            const holds = user.roles.includes(role);
            return (
              <Check
                key={role}
                checked={holds}
                disabled={!can.includes("set-role") || (holds && user.roles.length === 1)}
                onChange={(on) => onRoles(on ? [...user.roles, role] : user.roles.filter((each) => each !== role))}
              >
                {role}
              </Check>
            );
          })}
        </div>
      </Block>
      <Block title={t("panel.lastSignIns")}>
        <SignIns detail={detail} />
      </Block>
    </>
  );
}

function Waits({ request }: { request: NonNullable<PersonDetail["request"]> }) {
  const t = useTexts("people");
  const say = useFault();
  const queries = useQueryClient();
  const [rejecting, setRejecting] = useState(false);
  const decide = useMutation({
    mutationFn: (note: string | null) => withProof(() => (note === null ? approve([request.id]) : reject([request.id], note))),
    onSuccess: ({ results: [result] }) => {
      if (result?.code) toast({ tone: "error", text: codeText(t, result.code, result.message) });
      else toast({ text: t("approvals.done") });
      queries.setQueryData<number | null>(["pending"], (count) => count && count - 1);
      for (const key of ["user", "users", "approvals"]) void queries.invalidateQueries({ queryKey: [key] });
    },
    onError: (fault) => toast({ tone: "error", text: say(fault) }),
  });
  return (
    <Block title={t("approvals.request")}>
      <div className="grid gap-4 rounded-card border bg-muted p-4">
        <Facts
          of={[
            [t("approvals.since"), <Time key="s" at={request.createdAt} full />],
            [t("approvals.reason"), request.reason ? <Own>{request.reason}</Own> : t("none")],
            ...(request.answers ?? []).map(({ name, label, value }): [string, ReactNode] => [label || name, <Own key={name}>{value}</Own>]),
          ]}
        />
        <div className="flex gap-2">
          <Button size="small" busy={decide.isPending} onClick={() => decide.mutate(null)}>
            {t("approvals.approve")}
          </Button>
          <Button look="secondary" size="small" onClick={() => setRejecting(true)}>
            {t("approvals.reject")}
          </Button>
        </div>
      </div>
      {rejecting && <RejectDialog title={t("reject.title")} onClose={() => setRejecting(false)} onGo={(note) => decide.mutate(note)} />}
    </Block>
  );
}

function SignIns({ detail: { lastSignIns } }: { detail: PersonDetail }) {
  const t = useTexts("people");
  if (lastSignIns === null) return <p className="text-sm text-muted-foreground">{t("panel.noAudit")}</p>;
  if (lastSignIns.length === 0) return <p className="text-sm text-muted-foreground">{t("panel.neverSignedIn")}</p>;
  return (
    <ul className="divide-y rounded-card border text-sm">
      {lastSignIns.map((each, i) => (
        <li key={i} className="grid gap-1 px-3 py-2.5">
          <span className="flex items-center justify-between gap-3">
            <DeviceName device={each.device} agent={each.userAgent} />
            <Badge tone={each.outcome === "success" ? "success" : "error"}>{each.outcome === "success" ? t("signIn.ok") : each.outcome}</Badge>
          </span>
          <span className="text-dense text-muted-foreground">
            <Time at={each.at} /> · <bdi>{each.address}</bdi>
            {each.method && <> · {each.method}</>}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Sessions({ detail: { user, can } }: Props) {
  const t = useTexts("people");
  const say = useFault();
  const queries = useQueryClient();
  const actions = useActions();
  const { data, error, refetch } = useQuery({ queryKey: ["sessions", { userId: user.id }], queryFn: ({ signal }) => sessions({ userId: user.id, limit: 100 }, signal) });
  const end = async (id: string) => {
    try {
      await withProof(() => revokeSession(id));
      toast({ text: t("sessions.ended") });
      for (const key of ["sessions", "user"]) void queries.invalidateQueries({ queryKey: [key] });
    } catch (fault) {
      toast({ tone: "error", text: say(fault) });
    }
  };
  if (error) return <Fault fault={error} again={() => void refetch()} />;
  if (!data) return <Waiting rows={4} />;
  if (data.sessions.length === 0) return <Empty icon={Monitor} title={t("sessions.none")}>{t("sessions.noneOf")}</Empty>;
  const allowed = can.includes("revoke-sessions");
  return (
    <Block
      title={t("panel.alive", { count: data.sessions.length })}
      aside={
        allowed && (
          <Button look="secondary" size="small" onClick={() => void actions.revokeSessions(user)}>
            {t("sessions.endAll")}
          </Button>
        )
      }
    >
      <ul className="divide-y rounded-card border text-sm">
        {data.sessions.map((each) => (
          <li key={each.id} className="flex items-center justify-between gap-3 px-3 py-2.5">
            <span className="grid min-w-0 gap-1">
              <DeviceName device={each.device} agent={each.userAgent} />
              <span className="text-dense text-muted-foreground">
                <Time at={each.createdAt} /> · <bdi>{each.ipAddress ?? t("none")}</bdi>
                {each.impersonatedBy && <> · {t("sessions.by", { name: each.impersonatedBy.name || each.impersonatedBy.email || each.impersonatedBy.id })}</>}
              </span>
            </span>
            {each.current ? (
              <Badge tone="info">{t("sessions.yours")}</Badge>
            ) : (
              allowed && (
                <Button look="ghost" size="small" onClick={() => void end(each.id)}>
                  {t("sessions.end")}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Accounts({ detail: { accounts, hasPassword } }: Props) {
  const t = useTexts("people");
  if (accounts.length === 0) {
    return (
      <Empty icon={KeyRound} title={t("accounts.none")}>
        {t("accounts.noneLead")}
      </Empty>
    );
  }
  return (
    <ul className="divide-y rounded-card border text-sm">
      {accounts.map((each) => (
        <li key={each.id} className="grid gap-1 px-3 py-2.5">
          <span className="flex items-center justify-between gap-3 font-medium">
            {each.providerId === "credential" ? t("accounts.password") : each.providerId}
            {each.providerId === "credential" && !hasPassword && <Badge tone="warning">{t("accounts.noPassword")}</Badge>}
          </span>
          <span className="text-dense text-muted-foreground wrap-anywhere">
            <bdi>{each.accountId}</bdi> · {t("accounts.since")} <Time at={each.createdAt} full />
          </span>
          {each.scope && <code className="text-xs text-muted-foreground wrap-anywhere">{each.scope}</code>}
        </li>
      ))}
    </ul>
  );
}

function Security({ detail: { user, hasPassword, locks, can } }: Props) {
  const t = useTexts("people");
  const c = useTexts("console");
  const say = useFault();
  const queries = useQueryClient();
  const clear = useMutation({
    mutationFn: (id: string | null) => withProof(() => (id === null ? clearLocksOf(user.id) : clearLock(id))),
    onSuccess: () => {
      toast({ text: t("locks.cleared") });
      for (const key of ["user", "locks"]) void queries.invalidateQueries({ queryKey: [key] });
    },
    onError: (fault) => toast({ tone: "error", text: say(fault) }),
  });
  return (
    <>
      <Block title={t("security.proofs")}>
        <Facts
          of={[
            [t("accounts.password"), hasPassword ? t("security.set") : t("security.unset")],
            [t("column.twoFactor"), user.twoFactor === null ? t("security.notHere") : user.twoFactor ? t("twoFactor.on") : t("twoFactor.off")],
            [t("person.email"), user.emailVerified ? t("verified.yes") : t("verified.no")],
          ]}
        />
      </Block>
      <Block
        title={c("nav.locks")}
        aside={
          locks !== null &&
          locks.length > 1 &&
          can.includes("update") && (
            <Button look="secondary" size="small" onClick={() => clear.mutate(null)}>
              {t("locks.clearAll")}
            </Button>
          )
        }
      >
        {locks === null ? (
          <p className="text-sm text-muted-foreground">{t("locks.off")}</p>
        ) : locks.length === 0 ? (
          <p className="text-sm text-muted-foreground">{t("locks.noneOf")}</p>
        ) : (
          <ul className="divide-y rounded-card border text-sm">
            {locks.map((each) => (
              <li key={each.id} className="flex items-center justify-between gap-3 px-3 py-2.5">
                <span className="flex min-w-0 items-start gap-2">
                  <LockKeyhole aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warning" />
                  <span>
                    {each.kind === "device" ? t("locks.device") : t("locks.account")} · {each.method}
                    <span className="block text-dense text-muted-foreground">
                      {t("locks.failures", { count: each.failures })} · {t("locks.until")} <Time at={each.until} full />
                    </span>
                  </span>
                </span>
                {can.includes("update") && (
                  <Button look="secondary" size="small" onClick={() => clear.mutate(each.id)}>
                    {t("locks.clear")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Block>
    </>
  );
}

function Activity({ detail: { user } }: Props) {
  const t = useTexts("people");
  const held = useQuery({ queryKey: ["access"], queryFn: ({ signal }) => access(signal), staleTime: 60_000 });
  const readable = held.data?.features.audit;
  const { data, error, refetch } = useQuery({ queryKey: ["activity", user.id], queryFn: ({ signal }) => auditEntries({ target: user.id, limit: 50 }, signal), enabled: readable === true });
  if (held.data && !readable) return <Empty icon={Clock} title={t("activity.off")} />;
  if (error) return <Fault fault={error} again={() => void refetch()} />;
  if (!data) return <Waiting rows={6} />;
  if (data.entries.length === 0) return <Empty icon={Clock} title={t("activity.none")} />;
  return (
    <>
      <ul className="divide-y rounded-card border text-sm">
        {data.entries.map((each) => (
          <li key={each.id} className="grid gap-1 px-3 py-2.5">
            <span className="flex items-center justify-between gap-3">
              <code className="truncate text-dense font-medium">{each.action}</code>
              {each.outcome !== "success" && <Badge tone="error">{each.outcome}</Badge>}
            </span>
            <span className="text-dense text-muted-foreground wrap-anywhere">
              <Time at={each.time} /> ·{" "}
              {each.actor === user.id ? t("activity.self") : <bdi>{each.actor}</bdi>}
              {each.address && (
                <>
                  {" · "}
                  <bdi>{each.address}</bdi>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm">
        <Link to={"/audit" as never} search={{ target: user.id } as never} className="link">
          {t("activity.all")}
        </Link>
      </p>
    </>
  );
}

function Raw({ detail }: Props) {
  const t = useTexts("people");
  const text = JSON.stringify(detail, null, 2);
  return (
    <Block
      title={t("raw.title")}
      aside={
        <Button look="secondary" size="small" onClick={() => void navigator.clipboard.writeText(text).then(() => toast({ text: t("copied") }))}>
          {t("copy")}
        </Button>
      }
    >
      <pre dir="ltr" tabIndex={0} aria-label={t("raw.title")} className="overflow-x-auto rounded-card border bg-muted p-3 text-xs leading-5">
        {text}
      </pre>
    </Block>
  );
}
