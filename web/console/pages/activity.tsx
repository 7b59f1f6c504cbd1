// Sign-ups, sign-ins and failures over time: as lines, in a sentence, and as a
// table.
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Card } from "ui/card";
import { cx } from "ui/cx";
import { useLanguage, useTexts } from "ui/i18n";
import { ChartLine } from "ui/icons";
import type { Overview, Range } from "../api";
import { Choice } from "../choice";
import { Empty } from "../states";
import type { Line } from "./chart";

const Chart = lazy(() => import("./chart"));

const ranges: Range[] = ["24h", "7d", "30d", "90d"];

const kinds = [
  { key: "signIns", colour: "--primary", mark: "bg-primary" },
  { key: "signUps", colour: "--success", mark: "bg-success" },
  { key: "failures", colour: "--destructive", mark: "bg-destructive", dashed: true },
] as const;

const sum = (values: (number | null)[]) => values.reduce<number>((all, each) => all + (each ?? 0), 0);

interface Props {
  series: Overview["series"] | undefined; // undefined: loading
  range: Range;
  onRange: (range: Range) => void;
}

export function Activity({ series, range, onRange }: Props) {
  const t = useTexts("system");
  return (
    <Card className="p-5">
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-base">{t("activity.title")}</h2>
        <Choice label={t("activity.range")} value={range} onChange={onRange} options={ranges.map((value) => ({ value, label: t(`activity.range.${value}` as "activity.range.24h") }))} />
      </div>
      {series === null ? (
        <Empty icon={ChartLine} title={t("activity.noLog")}>
          {t("activity.noLogDo")} <code className="font-mono">plugins.audit</code>
        </Empty>
      ) : series ? (
        <Drawn series={series} />
      ) : (
        <div className="h-72 animate-pulse rounded-control bg-muted" />
      )}
    </Card>
  );
}

function Drawn({ series }: { series: NonNullable<Overview["series"]> }) {
  const t = useTexts("system");
  const { id } = useLanguage();
  const [point, setPoint] = useState<number | null>(null);
  const { points } = series;
  const times = useMemo(() => points.map(({ at }) => Date.parse(at) / 1000), [points]);
  const lines = useMemo<Line[]>(() => kinds.map(({ key, colour, ...rest }) => ({ name: key, colour, ...rest, values: points.map((each) => each[key]) })), [points]);
  const number = (value: number | null) => (value === null ? "–" : new Intl.NumberFormat(id).format(value));
  const moment = useCallback(
    (at: string) => new Intl.DateTimeFormat(id, series.step < 86_400 ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" }).format(new Date(at)),
    [id, series.step],
  );
  const hovered = point === null ? undefined : points[point];
  const total = (key: (typeof kinds)[number]["key"]) => sum(points.map((each) => each[key]));
  const most = points.reduce((best, each) => ((each.signIns ?? 0) > (best.signIns ?? 0) ? each : best), points[0]!);
  return (
    <>
      <div aria-hidden="true" className="mb-3 flex min-h-6 flex-wrap items-baseline gap-x-5 gap-y-1 text-sm">
        {kinds.map(({ key, mark, ...rest }) => (
          <span key={key} className="inline-flex items-baseline gap-2">
            <span className={cx("h-0.5 w-4 self-center", mark, "dashed" in rest && "mask-[linear-gradient(90deg,#000_40%,transparent_40%_60%,#000_60%)]")} />
            <span className="text-muted-foreground">{t(`activity.${key}`)}</span>
            <span className="font-semibold tabular-nums">{number(hovered ? hovered[key] : total(key))}</span>
          </span>
        ))}
        <span className="text-dense text-muted-foreground sm:ms-auto">{hovered ? moment(hovered.at) : t("activity.total")}</span>
      </div>
      <p className="sr-only">
        {t("activity.summary", { signUps: total("signUps"), signIns: total("signIns"), failures: total("failures") })}{" "}
        {(most.signIns ?? 0) > 0 && t("activity.most", { signIns: most.signIns ?? 0, at: moment(most.at) })}
      </p>
      <Suspense fallback={<div className="h-60" />}>
        <Chart times={times} lines={lines} language={id} onPoint={setPoint} />
      </Suspense>
      <details className="mt-3 text-sm">
        <summary className="w-fit cursor-pointer text-dense text-muted-foreground hover:text-foreground">{t("activity.table")}</summary>
        <div tabIndex={0} role="region" aria-label={t("activity.title")} className="mt-2 max-h-72 overflow-auto rounded-control border">
          <table className="w-full text-dense tabular-nums">
            <thead className="sticky top-0 bg-muted text-start">
              <tr>
                <th className="px-3 py-1.5 text-start font-medium">{t("activity.from")}</th>
                {kinds.map(({ key }) => (
                  <th key={key} className="px-3 py-1.5 text-end font-medium">
                    {t(`activity.${key}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.map((each) => (
                <tr key={each.at} className="border-t">
                  <th scope="row" className="px-3 py-1.5 text-start font-normal whitespace-nowrap">
                    {moment(each.at)}
                  </th>
                  {kinds.map(({ key }) => (
                    <td key={key} className="px-3 py-1.5 text-end">
                      {number(each[key])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
