// What went wrong, in words, and a way to try again.
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { Refusal } from "../client";

// useFault puts what went wrong into words: ours where there are, or else the
// server's.
export function useFault(): (fault: unknown) => string {
  const t = useTexts("people");
  return (fault) => {
    if (!(fault instanceof Refusal) || fault.status === 0) return t("error.network");
    return codeText(t, fault.code, fault.message);
  };
}

export function codeText(t: ReturnType<typeof useTexts<"people">>, code: string | null | undefined, message: string | null | undefined): string {
  const known = code && t.known(`error.${code}`);
  if (known) return t(known);
  return message ? message.replace(/\.?$/, ".") : t("error.unknown");
}

export function Fault({ fault, again }: { fault: unknown; again: () => void }) {
  const t = useTexts("people");
  const say = useFault();
  return (
    <div className="grid justify-items-start gap-3 py-4">
      <div className="w-full">
        <Alert tone="error">{say(fault)}</Alert>
      </div>
      <Button look="secondary" size="small" onClick={again}>
        {t("retry")}
      </Button>
    </div>
  );
}
