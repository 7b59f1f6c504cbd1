import type { ReactNode } from "react";
import { cx } from "ui/cx";

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cx("rounded-card border bg-card", className)}>{children}</div>;
}
