// Keys that do something wherever the focus is, but not while one types or a
// dialog asks something.
import { useEffect, useRef } from "react";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type);

// useKeys calls what belongs to a key ("j", "?", "Escape") or to two of them
// one after another ("g u").
export function useKeys(keys: Keys, on = true) {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!on) return;
    let first = "";
    let since = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const both = event.timeStamp - since < 1_000 ? `${first} ${key}` : key;
      const run = current.current[both] ?? current.current[key];
      [first, since] = [key, event.timeStamp];
      if (!run) return;
      event.preventDefault();
      first = "";
      run(event);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [on]);
}
