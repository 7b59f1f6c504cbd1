// One import as it goes.
import { useRef, useState } from "react";
import { useTexts } from "ui/i18n";
import { announce } from "ui/live";
import { importFile, type FileFormat } from "../api";
import { Refusal } from "../client";

export interface BadRow {
  type: "refused" | "skipped";
  row: number;
  email: string;
  reason: string;
}

export interface ImportState {
  phase: "idle" | "running" | "done" | "failed" | "cancelled";
  dryRun: boolean;
  rows: number;
  total: number | null; // rows, where a run before counted them
  created: number;
  skipped: number;
  refused: number;
  bad: BadRow[];
  fault: unknown;
}

const nothing: ImportState = { phase: "idle", dryRun: true, rows: 0, total: null, created: 0, skipped: 0, refused: 0, bad: [], fault: null };

// mostBad bounds what the page keeps; the rest is counted only.
const mostBad = 10_000;

export function useImport() {
  const t = useTexts("system");
  const [state, setState] = useState(nothing);
  const running = useRef<AbortController>(null);

  const run = async (file: File, options: { format: FileFormat; dryRun: boolean; newIds: boolean; name: string }) => {
    const stopped = (running.current = new AbortController());
    const bad: BadRow[] = [];
    const counted = state.phase === "done" && state.dryRun && !options.dryRun ? state.rows : null;
    const begun: ImportState = { ...nothing, phase: "running", dryRun: options.dryRun, total: counted };
    setState(begun);
    let ended = false;
    try {
      for await (const line of importFile(file, options, stopped.signal)) {
        if ("row" in line) {
          if (bad.length < mostBad) bad.push(line);
          continue;
        }
        const { rows, created, skipped, refused } = line;
        ended = line.type !== "progress";
        const phase = line.type === "done" ? "done" : line.type === "failed" ? "failed" : "running";
        const fault = line.type === "failed" ? new Refusal(500, line.code, line.message) : null;
        setState({ ...begun, phase, rows, created, skipped, refused, bad: [...bad], fault });
      }
      // An answer that just ends was cut off.
      if (!ended) throw new Refusal(0, "", "");
      announce(t("import.ended"));
    } catch (fault) {
      const cancelled = stopped.signal.aborted;
      setState((now) => ({ ...now, bad: [...bad], phase: cancelled ? "cancelled" : "failed", fault: cancelled ? null : fault }));
    }
  };

  return { run, state, cancel: () => running.current?.abort(), reset: () => setState(nothing) };
}

// asCSV is the report of rows as a file for a spreadsheet: quoted (RFC 4180),
// and nothing in it runs as a formula.
export function asCSV(rows: BadRow[]): string {
  const cell = (value: string | number) => `"${String(value).replace(/^[=+\-@\t\r']/, "'$&").replaceAll('"', '""')}"`;
  return [["row", "result", "email", "reason"], ...rows.map(({ row, type, email, reason }) => [row, type, email, reason])].map((each) => each.map(cell).join(",") + "\r\n").join("");
}
