// Importing people from a file: tried first, then done, with every row that
// made nobody.
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Card } from "ui/card";
import { cx } from "ui/cx";
import { useLanguage, useTexts } from "ui/i18n";
import { FileUp } from "ui/icons";
import { access, type FileFormat } from "../api";
import { PageHead } from "../shell";
import { Fault } from "../states";
import "../system-texts";
import { ImportReport } from "./import-report";
import { useImport } from "./import-run";

const formatOf = (name: string): FileFormat => (/\.(jsonl|ndjson|json)$/i.test(name) ? "jsonl" : "csv");

// sizeText is a number of bytes, as people read it.
export function sizeText(bytes: number, language: string): string {
  const [unit, size] = bytes >= 1 << 20 ? (["megabyte", 1 << 20] as const) : (["kilobyte", 1 << 10] as const);
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / size);
}

export function Import() {
  const t = useTexts("system");
  const { id } = useLanguage();
  const [file, setFile] = useState<File | null>(null);
  const [newIDs, setNewIDs] = useState(false);
  const held = useQuery({ queryKey: ["access"], queryFn: ({ signal }) => access(signal), staleTime: 60_000 });
  const most = held.data?.limits.importBytes;
  const { run, state, cancel, reset } = useImport();
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    reset();
    setFile(chosen);
  };
  const start = (dryRun: boolean) => file && void run(file, { format: formatOf(file.name), dryRun, newIds: newIDs, name: file.name });
  const tooLarge = file !== null && most !== undefined && file.size > most;
  const tried = state.phase === "done" && state.dryRun;
  const busy = state.phase === "running";
  return (
    <>
      <PageHead title={t("import.title")} />
      <div className="grid max-w-3xl grid-cols-1 gap-4">
        <Card className="grid gap-5 p-5">
          <p className="text-sm text-muted-foreground">{t("import.lead")}</p>
          <Drop disabled={busy} onFile={choose}>
            {file && (
              <p className="mt-2 rounded-control border bg-card px-3 py-1.5 text-sm">
                <bdi className="font-medium wrap-anywhere">{file.name}</bdi>{" "}
                <span className="text-muted-foreground">
                  {sizeText(file.size, id)} · {formatOf(file.name) === "csv" ? "CSV" : "JSON Lines"}
                </span>
              </p>
            )}
          </Drop>
          {tooLarge && <Alert tone="error">{t("import.tooLarge", { size: sizeText(most, id) })}</Alert>}
          <label className="flex gap-2.5 text-sm">
            <input type="checkbox" checked={newIDs} disabled={busy} onChange={({ target }) => setNewIDs(target.checked)} className="mt-0.5 size-4 accent-primary" />
            <span>
              {t("import.newIDs")}
              <span className="block text-dense text-muted-foreground">{t("import.newIDsHint")}</span>
            </span>
          </label>
          <div className="flex flex-wrap gap-2">
            <Button size="medium" look={tried ? "secondary" : "primary"} disabled={!file || tooLarge || busy} onClick={() => start(true)}>
              {t("import.try")}
            </Button>
            {tried && state.created > 0 && (
              <Button size="medium" onClick={() => start(false)}>
                {t("import.real", { count: state.created })}
              </Button>
            )}
            {busy && (
              <Button size="medium" look="secondary" onClick={cancel}>
                {t("cancel")}
              </Button>
            )}
          </div>
        </Card>
        {state.fault != null && <Fault fault={state.fault} />}
        {state.phase !== "idle" && <ImportReport state={state} />}
      </div>
    </>
  );
}

function Drop({ disabled, onFile, children }: { disabled: boolean; onFile: (file: File | undefined) => void; children: ReactNode }) {
  const t = useTexts("system");
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) onFile(event.dataTransfer.files[0]);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cx("grid justify-items-center gap-1.5 rounded-card border border-dashed border-input px-4 py-8 text-center transition-colors duration-150", over ? "border-primary bg-[color-mix(in_oklab,var(--primary)_8%,transparent)]" : "bg-muted")}
    >
      <FileUp aria-hidden="true" className="mb-1 size-6 text-muted-foreground" strokeWidth={1.5} />
      <p className="text-sm font-medium">{t("import.drop")}</p>
      <p className="text-dense text-muted-foreground">{t("import.formats")}</p>
      <input
        ref={input}
        type="file"
        accept=".csv,.jsonl,.ndjson,text/csv,application/x-ndjson"
        aria-label={t("import.choose")}
        className="sr-only"
        tabIndex={-1}
        disabled={disabled}
        onChange={({ target }) => {
          onFile(target.files?.[0]);
          target.value = ""; // the same file again, once it is mended
        }}
      />
      <Button look="secondary" size="small" className="mt-2" disabled={disabled} onClick={() => input.current?.click()}>
        {t("import.choose")}
      </Button>
      {children}
    </div>
  );
}
