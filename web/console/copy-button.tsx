import { useState, type ReactNode } from "react";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { Check, Copy } from "ui/icons";
import { announce } from "ui/live";

export function CopyButton({ text, children }: { text: string; children: ReactNode }) {
  const t = useTexts("common");
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(t("copied"));
    setDone(true);
    setTimeout(() => setDone(false), 2_000);
  };
  return (
    <Button look="ghost" size="small" onClick={() => void copy()}>
      {done ? <Check aria-hidden="true" className="size-4" /> : <Copy aria-hidden="true" className="size-4" />}
      {children}
    </Button>
  );
}
