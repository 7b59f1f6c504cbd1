// One polite live region a page: what changed without taking the focus there.
import { useSyncExternalStore } from "react";

let said = "";
const listeners = new Set<() => void>();

// announce says a text to screen readers; the same text twice is said twice.
export function announce(text: string) {
  said = text === said ? text + "\u00a0" : text;
  listeners.forEach((notify) => notify());
}

export function LiveRegion() {
  const text = useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => said,
  );
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
