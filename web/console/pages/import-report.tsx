// What came of an import, or is coming of it.
import { Alert } from "ui/alert";
import { Badge } from "ui/badge";
import { Button } from "ui/button";
import { Card } from "ui/card";
import { useLanguage, useTexts } from "ui/i18n";
import { Download } from "ui/icons";
import { download } from "../download";
import { Progress } from "../progress";
import { asCSV, type BadRow, type ImportState } from "./import-run";

const shownRows = 200;

export function ImportReport({ state }: { state: ImportState }) {
  const t = useTexts("system");
  const { id } = useLanguage();
  const { phase, dryRun, rows, total, bad } = state;
  const title = t(phase === "running" ? (dryRun ? "import.trying" : "import.running") : phase === "cancelled" ? "import.cancelled" : phase === "failed" ? "import.failed" : dryRun ? "import.tried" : "import.done");
  return (
    <Card className="overflow-clip">
      <div className="grid gap-4 p-5">
        <h2 className="text-base">{title}</h2>
        {phase === "running" && <Progress label={title} share={total ? rows / total : null} />}
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {(["rows", "created", "skipped", "refused"] as const).map((name) => (
            <div key={name}>
              <dt className="text-dense text-muted-foreground">{t(name === "created" && dryRun ? "import.wouldCreate" : `import.${name}`)}</dt>
              <dd className="text-xl font-semibold tabular-nums">{new Intl.NumberFormat(id).format(state[name])}</dd>
            </div>
          ))}
        </dl>
        {phase === "done" && (
          <Alert tone={state.refused > 0 ? "warning" : "success"}>
            {dryRun ? t("import.triedNote") : t("import.doneNote")} {state.refused > 0 && t("import.refusedNote")}
          </Alert>
        )}
        {(phase === "cancelled" || phase === "failed") && !dryRun && <Alert tone="warning">{t("import.stays")}</Alert>}
      </div>
      {bad.length > 0 && <BadRows rows={bad} />}
    </Card>
  );
}

function BadRows({ rows }: { rows: BadRow[] }) {
  const t = useTexts("system");
  return (
    <section className="border-t">
      <div className="flex flex-wrap items-center justify-between gap-2 px-5 py-3">
        <h3 className="text-sm">{t("import.badRows")}</h3>
        <Button look="secondary" size="small" onClick={() => download([asCSV(rows)], "text/csv", "import-report.csv")}>
          <Download aria-hidden="true" className="size-4" />
          {t("import.report")}
        </Button>
      </div>
      <div tabIndex={0} role="region" aria-label={t("import.badRows")} className="max-h-96 overflow-auto border-t outline-offset-[-2px]">
        <table className="w-full text-dense">
          <thead className="sticky top-0 bg-muted text-muted-foreground">
            <tr>
              <th className="px-3 py-1.5 text-end font-medium sm:px-5">{t("import.row")}</th>
              <th className="px-3 py-1.5 text-start font-medium">{t("import.why")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shownRows).map((each) => (
              <tr key={each.row} className="border-t align-top">
                <td className="w-16 px-3 py-2 text-end tabular-nums sm:px-5">{each.row}</td>
                <td className="px-3 py-2">
                  <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <Badge tone={each.type === "refused" ? "error" : "neutral"}>{t(`import.${each.type}`)}</Badge>
                    <bdi className="wrap-anywhere">{each.email}</bdi>
                  </span>
                  <span className="mt-0.5 block text-muted-foreground wrap-anywhere">
                    <bdi>{each.reason}</bdi>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shownRows && <p className="border-t px-5 py-2 text-dense text-muted-foreground">{t("import.moreRows", { count: rows.length - shownRows })}</p>}
    </section>
  );
}
