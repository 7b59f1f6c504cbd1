import "../texts";
import { useEffect, useState } from "react";
import { Alert } from "ui/alert";
import { useTexts } from "ui/i18n";
import { MailCheck } from "ui/icons";
import { ask, client, faultText, type Fault } from "../client";
import { Page } from "../layout";
import { go, PageLink } from "../route";
import { Resend } from "../resend";

export default function CheckEmail() {
  const t = useTexts("pages");
  const [email] = useState<string>(history.state?.email ?? "");
  const [fault, setFault] = useState<Fault | null>(null);
  useEffect(() => {
    if (!email) go("/auth/forgot-password", {}, "replace"); // opened by itself
  }, [email]);
  if (!email) return null;
  const send = async () => (await ask(client.requestPasswordReset({ email, redirectTo: "/auth/reset-password" }))).error;
  return (
    <Page
      icon={MailCheck}
      title={t("check.title")}
      lead={t.rich("check.lead", { email: <strong className="font-medium text-foreground">{email}</strong> })}
      below={<PageLink to="/auth/sign-in">{t("toSignIn")}</PageLink>}
    >
      {fault && <Alert tone="error">{faultText(t, fault)}</Alert>}
      <p className="text-sm text-muted-foreground">{t("check.spam")}</p>
      <Resend send={send} onFault={setFault} />
      <p className="text-center text-sm">
        <PageLink to="/auth/forgot-password" state={{ email }}>
          {t("check.other")}
        </PageLink>
      </p>
    </Page>
  );
}
