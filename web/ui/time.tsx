// A moment, as people say it, with the exact one for who points at it.
import { useLanguage } from "ui/i18n";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

function relative(seconds: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return format.format(Math.trunc(seconds / size), unit);
}

export function exact(at: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

// Time shows how long ago it is; with `full` the exact moment.
export function Time({ at, full }: { at: string; full?: boolean }) {
  const { id } = useLanguage();
  const whole = exact(at, id);
  return (
    <time dateTime={at} title={whole} className="tabular-nums">
      {full ? whole : relative((Date.parse(at) - Date.now()) / 1000, id)}
    </time>
  );
}
