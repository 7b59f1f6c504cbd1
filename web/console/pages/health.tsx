// How the server is now. The page asks again by itself while it is in sight.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Alert } from "ui/alert";
import { Badge } from "ui/badge";
import { Card } from "ui/card";
import { cx } from "ui/cx";
import { useLanguage, useTexts } from "ui/i18n";
import { Clock } from "ui/icons";
import { Time } from "ui/time";
import { health, type Health as State, type Job } from "../api";
import { PageHead } from "../shell";
import { Empty, Fault, Waiting } from "../states";
import "../system-texts";

const every = 5_000; // milliseconds

export function Health() {
  const t = useTexts("system");
  const { data, error, refetch } = useQuery({ queryKey: ["health"], queryFn: ({ signal }) => health(signal), refetchInterval: every });
  return (
    <>
      <PageHead title={t("health.title")}>
        {data && (
          <span role="status" className="flex items-center gap-3 text-dense text-muted-foreground">
            <span className="hidden sm:inline">{t("health.refreshes")}</span>
            <Badge tone={data.status === "ok" ? "success" : "error"}>{t(`health.${data.status}`)}</Badge>
          </span>
        )}
      </PageHead>
      {error && (
        <div className="mb-4">
          <Fault fault={error} again={() => void refetch()} />
        </div>
      )}
      {data ? (
        <Shown state={data} />
      ) : (
        !error && (
          <Card>
            <Waiting rows={10} />
          </Card>
        )
      )}
    </>
  );
}

function Shown({ state }: { state: State }) {
  const t = useTexts("system");
  const { id } = useLanguage();
  const { store, hashing, mail, migrations } = state;
  const number = (value: number, digits = 0) => new Intl.NumberFormat(id, { maximumFractionDigits: digits }).format(value);
  return (
    <div className="grid grid-cols-1 gap-3 sm:gap-4">
      <div className="grid gap-3 sm:grid-cols-2 sm:gap-4 xl:grid-cols-4">
        <Part name={t("health.store")} good={!store.error} value={store.latencyMs === null ? "–" : <>{number(store.latencyMs, 1)} <Unit>ms</Unit></>} hint={store.error ?? (store.kind === "postgres" ? "PostgreSQL" : "SQLite")} />
        {hashing ? (
          <Part
            name={t("health.hashing")}
            good={hashing.waiting < hashing.limit}
            value={<>{number(hashing.running)} <Unit>/ {number(hashing.size)}</Unit></>}
            hint={t("health.hashingHint", { waiting: hashing.waiting, limit: hashing.limit })}
            meter={hashing.limit > 0 ? hashing.waiting / hashing.limit : 0}
          />
        ) : (
          <Part name={t("health.hashing")} good value="–" hint={t("health.hashingNone")} />
        )}
        <Part
          name={t("health.mail")}
          good={mail.dead === 0}
          value={number(mail.pending)}
          hint={
            mail.dead > 0 ? (
              <a className="link" href="/admin/mail?state=dead">
                {t("health.mailDead", { count: mail.dead })}
              </a>
            ) : (
              t("health.mailGood")
            )
          }
        />
        <Part name={t("health.version")} good value={<span className="block truncate text-xl/9" dir="ltr">{state.version ?? "–"}</span>} hint={<>{t("health.since")} <Time at={state.startedAt} /></>} />
      </div>
      {store.notes.length > 0 && (
        <Alert tone="warning">
          <p className="font-medium">{t("health.notes")}</p>
          <ul className="list-disc ps-4">
            {store.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Alert>
      )}
      {migrations && migrations.pending.length > 0 && (
        <Alert tone="warning">
          <p className="font-medium">{t("health.migrations", { count: migrations.pending.length })}</p>
          <p>{t.rich("health.migrationsDo", { command: <code className="font-mono text-dense">gatehouse migrate</code> })}</p>
          <details className="mt-1">
            <summary className="cursor-pointer text-dense">SQL</summary>
            <pre dir="ltr" className="mt-1 overflow-x-auto font-mono text-xs" tabIndex={0}>{migrations.pending.join(";\n")}</pre>
          </details>
        </Alert>
      )}
      <Card className="overflow-clip">
        <h2 className="px-5 py-3.5 text-base">{t("health.jobs")}</h2>
        {state.jobs.length === 0 ? <Empty icon={Clock} title={t("health.noJobs")} /> : <Jobs jobs={state.jobs} />}
      </Card>
      <p className="text-dense text-muted-foreground">
        {migrations && migrations.pending.length === 0 && `${t("health.migrated")} `}
        {t("health.node")}
      </p>
    </div>
  );
}

const Unit = ({ children }: { children: ReactNode }) => <span className="text-base font-medium text-muted-foreground">{children}</span>;

interface PartProps {
  name: string;
  good: boolean;
  value: ReactNode;
  hint: ReactNode;
  meter?: number; // 0 to 1
}

function Part({ name, good, value, hint, meter }: PartProps) {
  const t = useTexts("system");
  return (
    <Card className="min-w-0 p-4 sm:p-5">
      <h2 className="flex min-h-6 items-center justify-between gap-2 text-sm font-medium text-muted-foreground">
        {name}
        {!good && <Badge tone="error">{t("health.look")}</Badge>}
      </h2>
      <p className="mt-2 min-h-9 text-3xl font-semibold tracking-tight tabular-nums">{value}</p>
      {meter !== undefined && (
        <span aria-hidden="true" className="mt-1 block h-1 overflow-hidden rounded-full bg-muted">
          <span className={cx("block h-full", good ? "bg-primary" : "bg-destructive")} style={{ width: `${Math.min(100, meter * 100)}%` }} />
        </span>
      )}
      <p className="mt-1 min-h-5 text-dense text-muted-foreground wrap-anywhere">{hint}</p>
    </Card>
  );
}

function Jobs({ jobs }: { jobs: Job[] }) {
  const t = useTexts("system");
  const { id } = useLanguage();
  const cell = "px-3 py-2 align-top sm:px-5";
  const head = cx(cell, "text-start font-medium");
  const span = (seconds: number) => {
    const [unit, size] = ([["day", 86_400], ["hour", 3_600], ["minute", 60]] as const).find(([, size]) => seconds >= size && seconds % size === 0) ?? (["second", 1] as const);
    return new Intl.NumberFormat(id, { style: "unit", unit, unitDisplay: "short" }).format(seconds / size);
  };
  return (
    <table className="w-full table-fixed text-dense">
      <caption className="sr-only">{t("health.jobs")}</caption>
      <thead className="border-y bg-muted text-muted-foreground">
        <tr>
          <th className={head}>{t("health.job")}</th>
          <th className={cx(head, "hidden w-28 md:table-cell")}>{t("health.every")}</th>
          <th className={cx(head, "w-36")}>{t("health.last")}</th>
          <th className={cx(head, "hidden w-28 lg:table-cell")}>{t("health.took")}</th>
          <th className={cx(head, "hidden w-36 sm:table-cell")}>{t("health.failures")}</th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <tr key={job.name} className="border-t first:border-t-0">
            <th scope="row" className={cx(cell, "text-start font-normal wrap-anywhere")}>
              <span className="font-mono">{job.name}</span>
              {job.lastError && job.failures > 0 && (
                <span className="mt-0.5 block text-destructive">
                  <bdi>{job.lastError}</bdi>
                  {job.lastErrorAt && (
                    <>
                      {" · "}
                      <Time at={job.lastErrorAt} />
                    </>
                  )}
                </span>
              )}
            </th>
            <td className={cx(cell, "hidden text-muted-foreground md:table-cell")}>{span(job.every)}</td>
            <td className={cell}>{job.running ? <Badge tone="info">{t("health.running")}</Badge> : job.lastRun ? <Time at={job.lastRun} /> : <span className="text-muted-foreground">{t("health.never")}</span>}</td>
            <td className={cx(cell, "hidden text-muted-foreground tabular-nums lg:table-cell")}>{job.lastTookMs === null ? "–" : `${new Intl.NumberFormat(id, { maximumFractionDigits: 1 }).format(job.lastTookMs)} ms`}</td>
            <td className={cx(cell, "hidden sm:table-cell")}>{job.failures > 0 ? <Badge tone="error">{t("health.failed", { count: job.failures })}</Badge> : <span className="text-muted-foreground">{t("health.failedNone")}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
