// Exporting people: which, as what, and how far it is.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { Alert } from "ui/alert";
import { Button, buttonClass } from "ui/button";
import { Card } from "ui/card";
import { Field } from "ui/field";
import { useLanguage, useTexts } from "ui/i18n";
import { Input } from "ui/input";
import { announce } from "ui/live";
import { Select } from "ui/select";
import { at, exportUsers, roles, users, type FileFormat, type Status, type UserFilters } from "../api";
import { Choice } from "../choice";
import { download } from "../download";
import { Progress } from "../progress";
import { PageHead } from "../shell";
import { Fault } from "../states";
import "../system-texts";
import { sizeText } from "./import";

const statuses: Status[] = ["active", "banned", "pending", "rejected", "unverified"];
const names = ["search", "searchField", "searchMode", "role", "status", "verified", "createdFrom", "createdTo"] as const;

export type ExportSearch = Partial<Record<(typeof names)[number] | "format", string>>;

export function exportSearch(given: Record<string, unknown>): ExportSearch {
  const format = given.format === "csv" ? { format: "csv" } : {};
  return { ...Object.fromEntries(names.filter((name) => given[name] !== undefined && given[name] !== "").map((name) => [name, String(given[name])])), ...format };
}

interface Run {
  phase: "running" | "done" | "cancelled";
  rows: number;
  bytes: number;
}

const types: Record<FileFormat, string> = { csv: "text/csv", jsonl: "application/x-ndjson" };

// useExport takes the file piece by piece, and hands it over once it is whole.
function useExport() {
  const t = useTexts("system");
  const [run, setRun] = useState<Run | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const stopped = useRef<AbortController>(null);
  const start = async (filters: UserFilters, format: FileFormat) => {
    const { signal } = (stopped.current = new AbortController());
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const now: Run = { phase: "running", rows: format === "csv" ? -1 : 0, bytes: 0 };
    const show = () => setRun({ ...now, rows: Math.max(0, now.rows) });
    setFault(null);
    show();
    try {
      for await (const piece of exportUsers({ ...filters, format }, signal)) {
        pieces.push(piece);
        now.bytes += piece.length;
        for (const byte of piece) if (byte === 10) now.rows++;
        show();
      }
      signal.throwIfAborted();
      download(pieces, types[format], `users-${new Date().toISOString().slice(0, 10)}.${format}`);
      now.phase = "done";
      show();
      announce(t("export.done"));
    } catch (error) {
      if (!signal.aborted) setFault(error);
      now.phase = "cancelled";
      if (signal.aborted) show();
      else setRun(null);
    }
  };
  return { run, fault, start, cancel: () => stopped.current?.abort() };
}

export function Export() {
  const t = useTexts("system");
  const { id } = useLanguage();
  const search = exportSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const { format = "jsonl", ...given } = search;
  const filters = given as UserFilters;
  const set = (more: ExportSearch) => void navigate({ to: "/export" as never, search: exportSearch({ ...search, ...more }) as never, replace: true });
  const known = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => roles(signal), staleTime: 60_000 });
  const count = useQuery({
    queryKey: ["export", "count", given],
    queryFn: async ({ signal }) => (await users({ ...filters, limit: 1 }, signal)).count,
    placeholderData: keepPreviousData,
  });
  const { run, fault, start, cancel } = useExport();
  const busy = run?.phase === "running";
  const day = (value: string | undefined) => value?.slice(0, 10) ?? "";
  const moment = (typed: string) => typed && `${typed}T00:00:00Z`;
  const total = count.data?.value ?? null;
  return (
    <>
      <PageHead title={t("export.title")} />
      <div className="grid max-w-3xl grid-cols-1 gap-4">
        <Card className="grid gap-5 p-5">
          <p className="text-sm text-muted-foreground">{t("export.lead")}</p>
          <div className="grid gap-1.5">
            <span className="text-sm font-medium">{t("export.format")}</span>
            <span>
              <Choice
                label={t("export.format")}
                value={format as FileFormat}
                onChange={(next) => set({ format: next })}
                options={[
                  { value: "jsonl", label: "JSON Lines" },
                  { value: "csv", label: "CSV" },
                ]}
              />
            </span>
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={t("export.search")}>{(wiring) => <Input {...wiring} type="search" defaultValue={given.search} onBlur={({ target }) => set({ search: target.value.trim() })} className="h-9! sm:text-sm pointer-coarse:h-11!" />}</Field>
            <Field label={t("export.role")}>
              {(wiring) => (
                <Select {...wiring} value={given.role ?? ""} onChange={({ target }) => set({ role: target.value })}>
                  <option value="">{t("export.any")}</option>
                  {known.data?.roles.map(({ name }) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t("export.status")}>
              {(wiring) => (
                <Select {...wiring} value={given.status ?? ""} onChange={({ target }) => set({ status: target.value })}>
                  <option value="">{t("export.any")}</option>
                  {statuses.map((status) => (
                    <option key={status} value={status}>
                      {t(`export.status.${status}`)}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label={t("export.verified")}>
              {(wiring) => (
                <Select {...wiring} value={given.verified ?? ""} onChange={({ target }) => set({ verified: target.value })}>
                  <option value="">{t("export.any")}</option>
                  <option value="true">{t("export.verified.true")}</option>
                  <option value="false">{t("export.verified.false")}</option>
                </Select>
              )}
            </Field>
            <Field label={t("export.from")}>{(wiring) => <Input {...wiring} type="date" value={day(given.createdFrom)} onChange={({ target }) => set({ createdFrom: moment(target.value) })} className="h-9! sm:text-sm pointer-coarse:h-11!" />}</Field>
            <Field label={t("export.to")}>{(wiring) => <Input {...wiring} type="date" value={day(given.createdTo)} onChange={({ target }) => set({ createdTo: moment(target.value) })} className="h-9! sm:text-sm pointer-coarse:h-11!" />}</Field>
          </div>
          {count.error && <Fault fault={count.error} again={() => void count.refetch()} />}
          <p role="status" className="text-sm">
            {total !== null && (count.data!.exact ? t("export.count", { count: total }) : t("export.about", { count: total }))}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            <Button size="medium" disabled={busy || total === 0} onClick={() => void start(filters, format as FileFormat)}>
              {t("export.start")}
            </Button>
            {busy ? (
              <Button size="medium" look="secondary" onClick={cancel}>
                {t("cancel")}
              </Button>
            ) : (
              // A very long file is better kept out of this page's memory.
              <a href={at("/console/export", search)} download className={buttonClass("ghost", "medium", "h-auto! min-h-9 py-1 whitespace-normal!")}>
                {t("export.direct")}
              </a>
            )}
          </div>
        </Card>
        {fault !== null && <Fault fault={fault} />}
        {run && (
          <Card className="grid gap-3 p-5">
            <h2 className="text-base">{t(`export.${run.phase}`)}</h2>
            {busy && <Progress label={t("export.running")} share={total ? run.rows / total : null} />}
            <p className="text-sm text-muted-foreground tabular-nums">
              {t("export.rows", { count: run.rows })} · {sizeText(run.bytes, id)}
            </p>
            {run.phase === "cancelled" && <Alert tone="info">{t("export.cancelledNote")}</Alert>}
          </Card>
        )}
      </div>
    </>
  );
}
