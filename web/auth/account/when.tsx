// Times: how long ago, with the exact time at hand.
import { useLanguage } from "ui/i18n";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["week", 7 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

function ago(seconds: number): [number, Intl.RelativeTimeFormatUnit] {
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["second", 60];
  return [unit === "second" ? 0 : -Math.floor(seconds / size), unit];
}

export function When({ at, exact }: { at: Date | string; exact?: "time" | "date" }) {
  const { id } = useLanguage();
  const date = new Date(at);
  const whole = new Intl.DateTimeFormat(id, { dateStyle: "medium", timeStyle: "short" }).format(date);
  const text = exact
    ? new Intl.DateTimeFormat(id, exact === "time" ? { timeStyle: "short" } : { dateStyle: "medium" }).format(date)
    : new Intl.RelativeTimeFormat(id, { numeric: "auto" }).format(...ago(Math.max(0, (Date.now() - date.getTime()) / 1000)));
  return (
    <time dateTime={date.toISOString()} title={whole}>
      {text}
    </time>
  );
}
