import "../link-texts";
import { useState } from "react";
import { Alert } from "ui/alert";
import { Button, buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { CircleCheck, MailWarning } from "ui/icons";
import { ask, client, type Fault } from "../client";
import { useForm } from "../form";
import { Page } from "../layout";
import { PageLink, useOnce } from "../route";

// The page behind the mail about a locked account. It asks for a click:
// programs that look at mails open links, but press no buttons.
export default function Unlock() {
  const t = useTexts("links");
  const token = useOnce("token");
  const [state, setState] = useState<"open" | "done" | "broken">(token ? "open" : "broken");
  const form = useForm(
    () => ({}),
    async () => {
      const { error } = await ask(client.$fetch<unknown, Fault>("/lockout/unlock", { method: "POST", body: { token } }));
      if (error && error.status !== 429 && error.status !== 503 && error.status) return setState("broken") ?? null;
      if (error) return error;
      setState("done");
    },
  );
  if (state === "broken") {
    return <Page key="broken" icon={MailWarning} tone="warning" title={t("unlockBroken")} lead={t("unlockBrokenLead")} below={<PageLink to="/auth/sign-in">{t("signIn")}</PageLink>} />;
  }
  if (state === "done") {
    return (
      <Page key="done" icon={CircleCheck} tone="success" title={t("unlocked")} lead={t("unlockedLead")}>
        <PageLink to="/auth/sign-in" className={buttonClass()}>
          {t("signIn")}
        </PageLink>
      </Page>
    );
  }
  return (
    <Page key="open" title={t("unlockTitle")} lead={t("unlockLead")}>
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid">
        <Button type="submit" busy={form.busy}>
          {t("unlockSubmit")}
        </Button>
      </form>
    </Page>
  );
}
