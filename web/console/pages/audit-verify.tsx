// Verifying the audit log, and what was found.
import { useMutation } from "@tanstack/react-query";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Drawer } from "ui/drawer";
import { useTexts } from "ui/i18n";
import { verifyAudit, type AuditReport } from "../api";
import { CopyButton } from "../copy-button";
import { Fault } from "../states";

export function AuditVerify({ onClose }: { onClose: () => void }) {
  const t = useTexts("system");
  const verify = useMutation({ mutationFn: () => verifyAudit() });
  return (
    <Drawer middle title={t("verify.title")} onClose={onClose}>
      <div className="grid gap-4 text-sm">
        <p>{t("verify.lead")}</p>
        {verify.error && <Fault fault={verify.error} />}
        <div role="status">{verify.data && <Found report={verify.data} />}</div>
        <Button size="medium" look={verify.data ? "secondary" : "primary"} busy={verify.isPending} className="justify-self-start" onClick={() => verify.mutate()}>
          {verify.data ? t("verify.again") : t("verify.start")}
        </Button>
      </div>
    </Drawer>
  );
}

function Found({ report }: { report: AuditReport }) {
  const t = useTexts("system");
  const { problems } = report;
  return (
    <div className="grid gap-3">
      <Alert tone={problems.length > 0 ? "error" : "success"}>
        <p className="font-medium">{problems.length > 0 ? t("verify.bad", { count: problems.length }) : t("verify.good")}</p>
        <p className="text-muted-foreground">{t("verify.read", { entries: report.entries, checkpoints: report.checkpoints, pending: report.pending })}</p>
      </Alert>
      {problems.length > 0 && (
        <ul className="grid gap-2">
          {problems.map((problem, i) => (
            <li key={i} className="rounded-control border px-3 py-2">
              <p className="font-medium wrap-anywhere">
                {problem.kind}
                <span className="ms-2 font-normal text-muted-foreground tabular-nums">
                  #{problem.seq}
                  {problem.to && problem.to > problem.seq ? `–${problem.to}` : ""}
                </span>
              </p>
              <p className="text-dense wrap-anywhere">
                <bdi>{problem.text}</bdi>
              </p>
            </li>
          ))}
        </ul>
      )}
      {report.truncated && <p className="text-muted-foreground">{t("verify.more")}</p>}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <CopyButton text={report.checkpoint}>{t("verify.copy")}</CopyButton>
        <p className="min-w-0 grow basis-60 text-dense text-muted-foreground">{t("verify.keep")}</p>
      </div>
    </div>
  );
}
