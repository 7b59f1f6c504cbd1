// The pages by their paths. A page comes with the first load, or is lazy.
import { useEffect, useState, useSyncExternalStore, type MouseEvent, type ReactNode } from "react";

const listeners = new Set<() => void>();

// go opens a page of this app. State stays out of the address bar.
export function go(path: string, state: object = {}, how: "push" | "replace" = "push") {
  history[how === "push" ? "pushState" : "replaceState"](state, "", path);
  listeners.forEach((notify) => notify());
}

function subscribe(notify: () => void) {
  listeners.add(notify);
  addEventListener("popstate", notify);
  return () => {
    listeners.delete(notify);
    removeEventListener("popstate", notify);
  };
}

export const usePath = () => useSyncExternalStore(subscribe, () => location.pathname.replace(/(.)\/$/, "$1"));

interface LinkProps {
  to: string;
  state?: object;
  current?: boolean; // it is the page that is open
  className?: string;
  children: ReactNode;
}

// PageLink leads to a page of this app and takes along where the person wants
// to go in the end.
export function PageLink({ to, state, current, className = "link", children }: LinkProps) {
  const target = to + onward();
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(target, state);
  };
  return (
    <a href={target} onClick={follow} aria-current={current ? "page" : undefined} className={className}>
      {children}
    </a>
  );
}

// callbackURL is where the person wants to go in the end. It comes from the
// address and goes to the server, which checks it; no page opens it by itself.
export const callbackURL = () => new URLSearchParams(location.search).get("callbackURL") ?? undefined;

// onward is the query that keeps callbackURL.
export const onward = () => (callbackURL() ? "?" + new URLSearchParams({ callbackURL: callbackURL()! }) : "");

// useOnce takes a parameter out of the address bar at once and keeps it while
// the page is open: links from mails carry secrets.
export function useOnce(name: string): string {
  const [value] = useState(() => new URLSearchParams(location.search).get(name) ?? "");
  useEffect(() => {
    const url = new URL(location.href);
    if (!url.searchParams.has(name)) return;
    url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
  }, [name]);
  return value;
}

