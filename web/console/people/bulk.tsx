// What is done to all who are chosen, and a report of each.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Badge } from "ui/badge";
import { Button } from "ui/button";
import { Drawer } from "ui/drawer";
import { useTexts, type Key } from "ui/i18n";
import { Loader2, X } from "ui/icons";
import { announce } from "ui/live";
import { Menu } from "ui/menu";
import { access, bulk, may, type BulkAction, type BulkReport, type Person } from "../api";
import { withProof } from "../proof";
import { BanDialog, RejectDialog, RolesDialog, TypedDialog } from "./dialogs";
import { codeText, useFault } from "./fault";

interface Order {
  action: BulkAction;
  reason?: string;
  expiresIn?: number;
  role?: string[];
}

// needs is the permission of each action, as the server asks for it.
const needs: Record<BulkAction, [string, string]> = {
  role: ["user", "set-role"],
  ban: ["user", "ban"],
  unban: ["user", "ban"],
  approve: ["user", "create"],
  reject: ["user", "create"],
  "revoke-sessions": ["session", "revoke"],
  remove: ["user", "delete"],
};

interface Report extends BulkReport {
  action: BulkAction;
  people: ReadonlyMap<string, Person>;
}

export function Bulk({ chosen, onClear }: { chosen: ReadonlyMap<string, Person>; onClear: () => void }) {
  const t = useTexts("people");
  const say = useFault();
  const queries = useQueryClient();
  const held = useQuery({ queryKey: ["access"], queryFn: ({ signal }) => access(signal), staleTime: 60_000 });
  const [asking, setAsking] = useState<BulkAction | "">("");
  const [running, setRunning] = useState<AbortController | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const count = chosen.size;

  // As many calls as the server's limit makes necessary, one after another; a
  // cancelled run says how far it came.
  const run = async (order: Order) => {
    setAsking("");
    const stop = new AbortController();
    setRunning(stop);
    const ids = [...chosen.keys()];
    const size = held.data?.limits.bulk ?? 500;
    const whole: Report = { action: order.action, people: chosen, results: [], done: 0, refused: 0, left: 0, stopped: null };
    for (let from = 0; from < ids.length; from += size) {
      try {
        const part = await withProof(() => bulk({ ids: ids.slice(from, from + size), ...order }, stop.signal));
        whole.results.push(...part.results);
        whole.done += part.done;
        whole.refused += part.refused;
        whole.stopped = part.stopped;
      } catch (fault) {
        whole.stopped = stop.signal.aborted ? { code: "CANCELLED", message: "" } : { code: "", message: say(fault) };
      }
      if (whole.stopped) break;
    }
    whole.left = ids.length - whole.results.length;
    setRunning(null);
    setReport(whole);
    announce(t("bulk.summary", { done: whole.done, refused: whole.refused }));
    for (const key of ["users", "user", "sessions", "approvals", "pending"]) void queries.invalidateQueries({ queryKey: [key] });
  };

  const allowed = (action: BulkAction) => may(held.data, ...needs[action]) && (held.data?.features.approval || (action !== "approve" && action !== "reject"));
  const press = (action: BulkAction) => (["approve", "unban", "revoke-sessions"].includes(action) ? void run({ action }) : setAsking(action));
  const first: BulkAction[] = ["role", "approve", "ban"];
  const rest: BulkAction[] = ["unban", "reject", "revoke-sessions", "remove"];
  const title = (key: Key<"people">) => t(key, { count });
  const close = () => setAsking("");
  return (
    <>
      <div role="region" aria-label={t("bulk.label")} className="sticky bottom-4 z-10 mx-auto mt-4 flex w-fit max-w-full flex-wrap items-center gap-1.5 rounded-card border bg-card p-2 ps-3.5 shadow-float">
        <p className="me-1 text-sm font-medium tabular-nums">{t("bulk.count", { count })}</p>
        {running ? (
          <>
            <Loader2 aria-hidden="true" className="size-4 animate-spin" />
            <span role="status" className="text-sm">{t("bulk.running")}</span>
            <Button look="secondary" size="small" onClick={() => running.abort()}>
              {t("cancel")}
            </Button>
          </>
        ) : (
          <>
            {first.filter(allowed).map((action) => (
              <Button key={action} look="secondary" size="small" onClick={() => press(action)}>
                {t(`bulk.${action}`)}
              </Button>
            ))}
            <Menu
              up
              label={t("do.more")}
              button={t("bulk.more")}
              className="h-8 border border-input font-medium text-foreground!"
              items={rest.filter(allowed).map((action) => ({ id: action, label: action === "remove" ? <span className="text-destructive">{t("bulk.remove")}</span> : t(`bulk.${action}`), onSelect: () => press(action) }))}
            />
          </>
        )}
        <button type="button" aria-label={t("bulk.clear")} title={t("bulk.clear")} onClick={onClear} className="grid size-8 place-items-center rounded-control text-muted-foreground hover:bg-muted hover:text-foreground pointer-coarse:size-11">
          <X aria-hidden="true" className="size-4" />
        </button>
      </div>
      {asking === "role" && <RolesDialog title={title("bulk.roleTitle")} roles={[]} onClose={close} onGo={(role) => role.length > 0 && void run({ action: "role", role })} />}
      {asking === "ban" && <BanDialog title={title("bulk.banTitle")} onClose={close} onBan={({ reason, seconds }) => void run({ action: "ban", ...(reason && { reason }), ...(seconds && { expiresIn: seconds }) })} />}
      {asking === "reject" && <RejectDialog title={title("bulk.rejectTitle")} onClose={close} onGo={(reason) => void run({ action: "reject", ...(reason && { reason }) })} />}
      {asking === "remove" && <TypedDialog title={title("bulk.removeTitle")} lead={t("remove.lead")} word={String(count)} go={t("remove.go")} onClose={close} onGo={() => void run({ action: "remove" })} />}
      {report && (
        <ReportOf
          report={report}
          onClose={() => {
            setReport(null);
            if (report.left === 0) onClear();
          }}
        />
      )}
    </>
  );
}

function ReportOf({ report, onClose }: { report: Report; onClose: () => void }) {
  const t = useTexts("people");
  const rows = [...report.results].sort((a, b) => Number(a.ok) - Number(b.ok));
  return (
    <Drawer
      title={t("bulk.report", { action: t(`bulk.${report.action}`) })}
      onClose={onClose}
      foot={
        <Button size="medium" className="ms-auto" onClick={onClose}>
          {t("close")}
        </Button>
      }
    >
      <p className="mb-3 text-sm font-medium">{t("bulk.summary", { done: report.done, refused: report.refused })}</p>
      {report.stopped && (
        <p className="mb-3 text-sm text-warning">
          {report.stopped.code === "CANCELLED" ? t("bulk.cancelled") : report.stopped.message} {report.left > 0 && t("bulk.left", { count: report.left })}
        </p>
      )}
      <ul className="divide-y rounded-card border text-sm">
        {rows.map((row) => {
          const person = report.people.get(row.id);
          return (
            <li key={row.id} className="grid gap-0.5 px-3 py-2">
              <span className="flex items-center justify-between gap-3">
                <bdi className="truncate">{person ? person.name || person.email : row.id}</bdi>
                <Badge tone={row.ok ? "success" : "error"}>{row.ok ? t("bulk.ok") : t("bulk.refused")}</Badge>
              </span>
              {!row.ok && <span className="text-dense text-muted-foreground wrap-anywhere">{codeText(t, row.code, row.message)}</span>}
            </li>
          );
        })}
      </ul>
    </Drawer>
  );
}
