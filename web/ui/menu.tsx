// A menu without a dialog's weight: a button and a list below it. Arrow keys
// go through it, Escape and a press elsewhere close it.
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { cx } from "ui/cx";
import { Check } from "ui/icons";

export interface MenuItem {
  id: string;
  label: ReactNode;
  lang?: string;
  checked?: boolean; // of a choice; undefined: the item does something
  onSelect: () => void;
}

interface Props {
  label: string; // what the button does, for who does not see it
  button: ReactNode;
  items: MenuItem[];
  up?: boolean; // opens upwards
  className?: string;
}

export function Menu({ label, button, items, up, className }: Props) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const entries = () => [...(root.current?.querySelectorAll<HTMLElement>("[data-entry]") ?? [])];
  const close = () => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };

  useEffect(() => {
    if (!open) return;
    const all = entries();
    (all.find((entry) => entry.ariaChecked === "true") ?? all[0])?.focus();
    const outside = (event: PointerEvent) => !root.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const go: Record<string, () => void> = {
      ArrowDown: () => all[(at + 1) % all.length]?.focus(),
      ArrowUp: () => all[(at - 1 + all.length) % all.length]?.focus(),
      Home: () => all[0]?.focus(),
      End: () => all.at(-1)?.focus(),
      Escape: close,
    };
    if (event.key === "Tab") setOpen(false);
    if (!go[event.key]) return;
    event.preventDefault();
    go[event.key]!();
  };

  return (
    <div ref={root} className="relative" onKeyDown={onKeyDown}>
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!open)}
        className={cx("inline-flex h-9 items-center gap-2 rounded-control px-2 text-sm text-muted-foreground hover:bg-muted hover:text-foreground", className)}
      >
        {button}
      </button>
      {open && (
        <div
          id={id}
          role="menu"
          aria-label={label}
          className={cx("absolute end-0 z-20 min-w-40 rounded-card border bg-card p-1 shadow-float", up ? "bottom-full mb-1" : "top-full mt-1")}
        >
          {items.map((item) => (
            <button
              key={item.id}
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              data-entry
              tabIndex={-1}
              lang={item.lang}
              onClick={() => {
                close();
                item.onSelect();
              }}
              className="flex w-full items-center gap-2 rounded-control px-2 py-1.5 text-start text-sm hover:bg-muted focus:bg-muted"
            >
              <Check aria-hidden="true" className={cx("size-4", !item.checked && "invisible", item.checked === undefined && "hidden")} />
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
