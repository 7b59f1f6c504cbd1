// A button that sends a mail again, once in a while.
import { useEffect, useState } from "react";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { announce } from "ui/live";
import type { Fault } from "./client";

const pause = 60; // seconds

export function Resend({ send, onFault }: { send: () => Promise<Fault | null>; onFault: (fault: Fault | null) => void }) {
  const t = useTexts("pages");
  const [left, setLeft] = useState(pause);
  const [busy, setBusy] = useState(false);
  const waiting = left > 0;
  useEffect(() => {
    if (!waiting) return;
    const tick = setInterval(() => setLeft((n) => n - 1), 1000);
    return () => clearInterval(tick);
  }, [waiting]);
  const again = async () => {
    setBusy(true);
    const fault = await send();
    setBusy(false);
    onFault(fault);
    if (fault) return;
    setLeft(pause);
    announce(t("check.sent"));
  };
  return (
    <Button look="secondary" busy={busy} disabled={waiting} onClick={() => void again()} className="tabular-nums">
      {waiting ? t("check.wait", { count: left }) : t("check.again")}
    </Button>
  );
}
