// The banner of who acts as somebody else: on every page, until it ends. It is
// no part of what most people load: the page says with boot.acting that the
// browser keeps an administrator's own session.
import { useEffect, useState } from "react";
import { boot } from "ui/boot";
import { useLanguage, useTexts } from "ui/i18n";
import { Loader2, VenetianMask } from "lucide-react";

interface Session {
  session: { impersonatedBy?: string | null; expiresAt: string };
  user: { id: string; name: string; email: string };
}

async function ask<T>(path: string, method: "GET" | "POST"): Promise<T> {
  const answer = await fetch(boot.base + path, {
    method,
    credentials: "same-origin",
    cache: "no-store",
    ...(method === "POST" && { headers: { "Content-Type": "application/json" }, body: "{}" }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()) as T;
}

export default function Acting() {
  const t = useTexts("common");
  const { id } = useLanguage();
  const [now, setNow] = useState<Session | null>(null);
  const [state, setState] = useState<"" | "busy" | "failed">("");
  useEffect(() => {
    let gone = false;
    ask<Session | null>("/get-session", "GET").then(
      (answer) => !gone && setNow(answer?.session.impersonatedBy ? answer : null),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, []);
  useEffect(() => {
    if (!now) return;
    document.body.classList.add("acting");
    const timer = setTimeout(() => location.reload(), Math.max(0, Date.parse(now.session.expiresAt) - Date.now()) + 1_000);
    return () => {
      document.body.classList.remove("acting");
      clearTimeout(timer);
    };
  }, [now]);
  if (!now) return null;
  const stop = async () => {
    setState("busy");
    try {
      await ask("/admin/stop-impersonating", "POST");
      location.assign(`/admin/users?user=${encodeURIComponent(now.user.id)}`);
    } catch {
      setState("failed");
    }
  };
  const name = now.user.name || now.user.email;
  const until = new Intl.DateTimeFormat(id, { timeStyle: "short" }).format(new Date(now.session.expiresAt));
  return (
    <div role="region" aria-label={t("acting.label")} className="fixed inset-x-0 bottom-0 z-50 flex items-center justify-center gap-x-4 gap-y-1 border-t border-warning bg-card px-4 py-2 text-sm shadow-float">
      <VenetianMask aria-hidden="true" className="size-5 shrink-0 text-warning max-sm:hidden" />
      <p className="line-clamp-2 min-w-0 wrap-anywhere">
        {t.rich("acting.who", { name: <bdi key="n" className="font-semibold">{name}</bdi>, time: <span key="t" className="tabular-nums">{until}</span> })}
        {state === "failed" && <span role="alert" className="block text-destructive">{t("acting.failed")}</span>}
      </p>
      <button
        type="button"
        aria-disabled={state === "busy" || undefined}
        onClick={() => state !== "busy" && void stop()}
        className="inline-flex h-9 shrink-0 items-center gap-2 rounded-control bg-primary px-3.5 font-medium text-primary-foreground hover:bg-primary-hover pointer-coarse:h-11"
      >
        {state === "busy" && <Loader2 aria-hidden="true" className="size-4 animate-spin" />}
        {t("acting.stop")}
      </button>
    </div>
  );
}
