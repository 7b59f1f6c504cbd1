import "../texts";
import { useState } from "react";
import { boot } from "ui/boot";
import { Alert } from "ui/alert";
import { buttonClass } from "ui/button";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { Check, Clock } from "ui/icons";
import { Page } from "../layout";
import { PageLink } from "../route";

export default function Pending() {
  const t = useTexts("pages");
  const [email] = useState<string>(history.state?.email ?? "");
  const steps = [t("pending.step1"), t("pending.step2"), t("pending.step3")];
  return (
    <Page icon={Clock} tone="warning" title={t("pending.title")} lead={t("pending.lead", { app: boot.brand.name })}>
      <ol className="grid gap-4">
        {steps.map((step, i) => (
          <li key={step} aria-current={i === 1 ? "step" : undefined} className="step relative flex items-center gap-3">
            <span className={cx("relative z-10 grid size-6 shrink-0 place-items-center rounded-full text-xs font-semibold", i === 0 ? "bg-success text-card" : i === 1 ? "border-2 border-warning bg-card text-warning" : "border border-input bg-card text-muted-foreground")}>
              {i === 0 ? <Check aria-hidden="true" className="size-3.5" /> : i + 1}
            </span>
            <span className={cx("min-w-0", i === 1 ? "font-medium" : i === 2 && "text-muted-foreground")}>
              {step}
              {i === 0 && email && <span className="block truncate text-sm text-muted-foreground">{email}</span>}
            </span>
          </li>
        ))}
      </ol>
      <p className="text-sm text-muted-foreground">{t("pending.mail")}</p>
      {boot.methods.verification && email && <Alert>{t("pending.confirm")}</Alert>}
      <PageLink to="/auth/sign-in" state={{ email }} className={buttonClass("secondary")}>
        {t("toSignIn")}
      </PageLink>
    </Page>
  );
}
