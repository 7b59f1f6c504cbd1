// A button and a small panel of choices below it; a press elsewhere and Escape
// close it.
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { Button } from "ui/button";
import { cx } from "ui/cx";

interface Props {
  label: string;
  button: ReactNode;
  start?: boolean; // hangs on the start of the button
  children: (close: () => void) => ReactNode;
}

export function Popover({ label, button, start, children }: Props) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return;
    root.current?.querySelector<HTMLElement>("[data-popover] :is(input, button, select, a)")?.focus();
    const outside = (event: PointerEvent) => !root.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    <div
      ref={root}
      className="relative"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <Button look="secondary" size="medium" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={label} title={label} onClick={() => setOpen(!open)}>
        {button}
      </Button>
      {open && (
        <div
          id={id}
          data-popover
          role="group"
          aria-label={label}
          className={cx("absolute top-full z-20 mt-1 w-64 max-w-[calc(100vw-2rem)] rounded-card border bg-card p-3 shadow-float", start ? "start-0" : "start-0 sm:start-auto sm:end-0")}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

export function Check({ checked, disabled, onChange, children }: { checked: boolean; disabled?: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <label className={cx("flex min-h-8 items-center gap-2.5 rounded-control px-1.5 text-sm pointer-coarse:min-h-11", disabled ? "opacity-55" : "cursor-pointer hover:bg-muted")}>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} className="size-4 shrink-0 accent-primary" />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </label>
  );
}
