import type { ReactNode } from "react";
import { cx } from "ui/cx";
import { CircleAlert, CircleCheck, Info, TriangleAlert, type Icon } from "ui/icons";

export type Tone = "info" | "success" | "warning" | "error";

const tones: Record<Tone, { icon: Icon; text: string; edge: string }> = {
  info: { icon: Info, text: "text-info", edge: "border-s-info" },
  success: { icon: CircleCheck, text: "text-success", edge: "border-s-success" },
  warning: { icon: TriangleAlert, text: "text-warning", edge: "border-s-warning" },
  error: { icon: CircleAlert, text: "text-destructive", edge: "border-s-destructive" },
};

// Alert is a message in the flow of the page. Errors are said at once.
export function Alert({ tone = "info", children }: { tone?: Tone; children: ReactNode }) {
  const { icon: Sign, text, edge } = tones[tone];
  return (
    <div role={tone === "error" ? "alert" : "note"} className={cx("flex gap-2.5 rounded-control border border-s-3 bg-muted px-3 py-2.5 text-sm", edge)}>
      <Sign aria-hidden="true" className={cx("mt-0.5 size-4 shrink-0", text)} />
      <div className="min-w-0 wrap-anywhere">{children}</div>
    </div>
  );
}
