// Short messages at the foot of the page that go by themselves, and may offer
// to take back what they tell of. While one is pointed at or has the focus it
// stays.
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { CircleAlert, CircleCheck, X } from "ui/icons";

export interface Toast {
  text: string;
  tone?: "success" | "error";
  action?: { label: string; run: () => void };
}

interface Shown extends Toast {
  id: number;
}

const life = 10_000; // milliseconds

let shown: Shown[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: Shown[]) {
  shown = next;
  listeners.forEach((notify) => notify());
}

const drop = (id: number) => change(shown.filter((each) => each.id !== id));

// toast shows a message; with more than three the oldest goes.
export function toast(message: Toast) {
  change([...shown, { ...message, id: ++last }].slice(-3));
}

export function Toasts() {
  const all = useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => shown,
  );
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-0 bottom-0 z-40 grid justify-items-center gap-2 p-4 sm:justify-items-end sm:p-6">
      {all.map((each) => (
        <One key={each.id} toast={each} />
      ))}
    </div>
  );
}

function One({ toast: { id, text, tone = "success", action } }: { toast: Shown }) {
  const t = useTexts("common");
  const [held, setHeld] = useState(false);
  const left = useRef(life);
  useEffect(() => {
    if (held) return;
    const since = Date.now();
    const timer = setTimeout(() => drop(id), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(2_000, left.current - (Date.now() - since));
    };
  }, [held, id]);
  const Sign = tone === "error" ? CircleAlert : CircleCheck;
  return (
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex w-full max-w-md items-center gap-2.5 rounded-card border bg-card py-1.5 ps-3.5 pe-1.5 text-sm shadow-float"
    >
      <Sign aria-hidden="true" className={cx("size-4 shrink-0", tone === "error" ? "text-destructive" : "text-success")} />
      <p className="min-w-0 grow py-1 wrap-anywhere">{text}</p>
      {action && (
        <button
          type="button"
          onClick={() => {
            drop(id);
            action.run();
          }}
          className="h-8 shrink-0 rounded-control px-2.5 font-semibold text-primary hover:bg-muted pointer-coarse:h-11"
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        aria-label={t("close")}
        title={t("close")}
        onClick={() => drop(id)}
        className="grid size-8 shrink-0 place-items-center rounded-control text-muted-foreground hover:bg-muted hover:text-foreground pointer-coarse:size-11"
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
}
