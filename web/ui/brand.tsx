// The brand: the operator's logo, or our mark, a gate arch.
import { boot } from "ui/boot";
import { cx } from "ui/cx";

export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cx("text-primary", className)} fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round">
      <path d="M5 27.5V15a11 11 0 0 1 22 0v12.5" />
      <path d="M11.5 27.5v-12a4.5 4.5 0 0 1 9 0v12" />
      <circle cx="16" cy="22" r="1.8" fill="currentColor" stroke="none" />
    </svg>
  );
}

// Brand is the logo and the name beside it.
export function Brand({ className }: { className?: string }) {
  const { name, logo, logoDark } = boot.brand;
  return (
    <span className={cx("inline-flex max-w-full items-center gap-2.5", className)}>
      {logo ? (
        <picture className="shrink-0">
          <img src={logo} alt="" className={cx("h-8 w-auto max-w-40 object-contain", logoDark && "when-light")} />
          {logoDark && <img src={logoDark} alt="" className="when-dark h-8 w-auto max-w-40 object-contain" />}
        </picture>
      ) : (
        <Mark className="size-8 shrink-0" />
      )}
      <span className="truncate text-lg font-semibold tracking-tight">{name}</span>
    </span>
  );
}
