// A state in one word, with a dot for the eye: never colour alone.
import type { ReactNode } from "react";
import { cx } from "ui/cx";

export type BadgeTone = "neutral" | "info" | "success" | "warning" | "error";

const dots: Record<BadgeTone, string> = {
  neutral: "bg-muted-foreground",
  info: "bg-info",
  success: "bg-success",
  warning: "bg-warning",
  error: "bg-destructive",
};

export function Badge({ tone = "neutral", children }: { tone?: BadgeTone; children: ReactNode }) {
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 rounded-full border px-2 py-0.5 text-xs font-medium">
      <span aria-hidden="true" className={cx("size-1.5 shrink-0 rounded-full", dots[tone])} />
      <bdi className="truncate">{children}</bdi>
    </span>
  );
}
