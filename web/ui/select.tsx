import type { SelectHTMLAttributes } from "react";
import { cx } from "ui/cx";
import { ChevronDown } from "ui/icons";
import { inputClass } from "ui/input";

// Select is the browser's own: best on phones, and it writes no markup.
export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={cx("relative block", className)}>
      <select {...rest} className={cx(inputClass, "h-9 appearance-none truncate pe-8 sm:text-sm pointer-coarse:h-11")}>
        {children}
      </select>
      <ChevronDown aria-hidden="true" className="pointer-events-none absolute end-2.5 top-1/2 size-4 -translate-y-1/2 text-muted-foreground" />
    </span>
  );
}
