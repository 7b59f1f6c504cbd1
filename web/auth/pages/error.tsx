import "../texts";
import { useState } from "react";
import { boot } from "ui/boot";
import { buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { Check, Copy, TriangleAlert } from "ui/icons";
import { announce } from "ui/live";
import { Page } from "../layout";
import { PageLink } from "../route";

// Only what looks like a code is shown, and no description: either could be a
// text that somebody wants this page to say.
const given = new URLSearchParams(location.search).get("error") ?? "";
const code = /^[A-Za-z0-9_-]{1,64}$/.test(given) ? given : "UNKNOWN";

export default function Failure() {
  const t = useTexts("pages");
  const title = t.known(`error.title.${code}`) ?? "error.title";
  const lead = t.known(`error.do.${code}`) ?? t.known(`error.${code}`) ?? "error.lead";
  const { support } = boot.brand;
  return (
    <Page icon={TriangleAlert} tone="warning" title={t(title)} lead={t(lead)}>
      <div className="grid gap-1.5">
        <CodeToCopy label={t("error.code")} code={code} />
        <p className="text-sm text-muted-foreground">{t("error.codeHint")}</p>
      </div>
      <div className="grid gap-2.5">
        <PageLink to="/auth/sign-in" className={buttonClass("primary")}>
          {t("toSignIn")}
        </PageLink>
        {support && (
          <a href={support} className={buttonClass("secondary")}>
            {t("error.help")}
          </a>
        )}
      </div>
    </Page>
  );
}

function CodeToCopy({ label, code }: { label: string; code: string }) {
  const t = useTexts("pages");
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    announce(t("copied"));
    setTimeout(() => setCopied(false), 2000);
  };
  const Sign = copied ? Check : Copy;
  return (
    <div className="flex items-center gap-3 rounded-control border bg-muted py-1 ps-3 pe-1">
      <span className="text-sm text-muted-foreground">{label}</span>
      <code dir="ltr" className="grow py-1.5 text-start font-mono text-sm break-all">{code}</code>
      <button type="button" aria-label={t("copy")} title={t("copy")} onClick={() => void copy()} className="grid size-8 shrink-0 place-items-center rounded-control text-muted-foreground hover:text-foreground pointer-coarse:size-11">
        <Sign aria-hidden="true" className="size-4" />
      </button>
    </div>
  );
}
