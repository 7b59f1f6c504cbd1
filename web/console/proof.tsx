// The fresh proof that the server asks for before what is dangerous: the
// password, in a dialog over the page, and then the same call again.
import { lazy, Suspense, useSyncExternalStore } from "react";
import { Refusal } from "./client";

export interface Asked {
  stale: boolean; // only a new sign-in would do
  settle: (proved: boolean) => void;
}

let asked: Asked | null = null;
const listeners = new Set<() => void>();
const set = (next: Asked | null) => {
  asked = next;
  listeners.forEach((notify) => notify());
};

// withProof runs a call, and once more after a proof if the server wants one.
// It throws the refusal if the person gives none.
export async function withProof<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (fault) {
    if (!(fault instanceof Refusal) || !["STEP_UP_REQUIRED", "SESSION_NOT_FRESH"].includes(fault.code)) throw fault;
    const proved = await new Promise<boolean>((settle) => set({ stale: fault.code === "SESSION_NOT_FRESH", settle }));
    set(null);
    if (!proved) throw fault;
    return run();
  }
}

const Dialog = lazy(() => import("./proof-dialog"));

export function Proof() {
  const now = useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => asked,
  );
  return now && <Suspense>{<Dialog asked={now} />}</Suspense>;
}
