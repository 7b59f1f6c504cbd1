import { cx } from "ui/cx";

// Progress is how far something is; without a share it only says that it goes on.
export function Progress({ label, share }: { label: string; share: number | null }) {
  const percent = share === null ? null : Math.round(Math.min(1, share) * 100);
  return (
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent ?? undefined} className="h-1.5 overflow-hidden rounded-full bg-muted">
      <div className={cx("h-full rounded-full bg-primary transition-[width] duration-150", percent === null && "w-1/3 animate-pulse")} style={percent === null ? undefined : { width: `${percent}%` }} />
    </div>
  );
}
