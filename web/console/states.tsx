// What a list or a page shows while there is nothing of it: because it is
// loading, because it failed, because it is empty.
import type { ReactNode } from "react";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import type { Icon } from "ui/icons";
import { Refusal } from "./client";

// useFault puts what went wrong into words.
export function useFault(): (fault: unknown) => string {
  const t = useTexts("system");
  return (fault) => {
    if (!(fault instanceof Refusal) || fault.status === 0) return t("error.network");
    const known = t.known(`error.${fault.code}`);
    return known ? t(known) : fault.message || t("error.unknown");
  };
}

export function Fault({ fault, again }: { fault: unknown; again?: () => void }) {
  const t = useTexts("system");
  const say = useFault();
  return (
    <div className="grid justify-items-start gap-3">
      <div className="w-full">
        <Alert tone="error">{say(fault)}</Alert>
      </div>
      {again && (
        <Button look="secondary" size="small" onClick={again}>
          {t("retry")}
        </Button>
      )}
    </div>
  );
}

// Waiting keeps the place of some rows.
export function Waiting({ rows = 6 }: { rows?: number }) {
  const t = useTexts("common");
  return (
    <div role="status" className="grid gap-3 p-4">
      <span className="sr-only">{t("loading")}</span>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} aria-hidden="true" className="h-5 animate-pulse rounded-control bg-muted" style={{ width: `${92 - ((i * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

interface EmptyProps {
  icon: Icon;
  title: ReactNode;
  children?: ReactNode;
}

// Empty says why nothing is here, and what to do next.
export function Empty({ icon: Sign, title, children }: EmptyProps) {
  return (
    <div className="grid justify-items-center gap-1.5 px-6 py-12 text-center">
      <span className="mb-2 grid size-12 place-items-center rounded-full border bg-muted text-muted-foreground">
        <Sign aria-hidden="true" className="size-5.5" strokeWidth={1.5} />
      </span>
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-sm text-muted-foreground">{children}</div>}
    </div>
  );
}
