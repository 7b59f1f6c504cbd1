import "../texts";
import { useState } from "react";
import { Alert } from "ui/alert";
import { Button, buttonClass } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { CircleCheck, MailCheck, MailWarning } from "ui/icons";
import { Input } from "ui/input";
import { ask, client, faultText, type Fault } from "../client";
import { useEmailFault, useForm } from "../form";
import { Page } from "../layout";
import { verified } from "../registration";
import { Resend } from "../resend";
import { onward, PageLink, useOnce } from "../route";
import { useSession } from "../session";

type State = "sent" | "done" | "already" | "failed";

const send = async (email: string) => (await ask(client.sendVerificationEmail({ email, callbackURL: verified() }))).error;

export default function VerifyEmail() {
  const done = useOnce("done");
  const error = useOnce("error");
  const [email, setEmail] = useState<string>(history.state?.email ?? "");
  const [state, setState] = useState<State>(error ? "failed" : done ? "done" : email ? "sent" : "failed");
  if (state === "done" || state === "already") return <Done already={state === "already"} />;
  if (state === "sent") return <Sent email={email} />;
  const onSent = (to: string) => {
    setEmail(to);
    setState("sent");
  };
  return <Failed code={error} onSent={onSent} onAlready={() => setState("already")} />;
}

function Done({ already }: { already: boolean }) {
  const t = useTexts("pages");
  const session = useSession();
  const go = buttonClass("primary");
  return (
    <Page icon={CircleCheck} tone="success" title={t(already ? "verify.already" : "verify.done")} lead={t(already ? "verify.alreadyLead" : "verify.doneLead")}>
      {session ? (
        <a href={"/auth/continue" + onward()} className={go}>
          {t("verify.go")}
        </a>
      ) : (
        <PageLink to="/auth/sign-in" className={go}>
          {t("signIn")}
        </PageLink>
      )}
    </Page>
  );
}

function Sent({ email }: { email: string }) {
  const t = useTexts("pages");
  const [fault, setFault] = useState<Fault | null>(null);
  const address = <strong className="font-medium text-foreground">{email}</strong>;
  return (
    <Page icon={MailCheck} title={t("verify.sentTitle")} lead={t.rich("verify.sentLead", { email: address })} below={<PageLink to="/auth/sign-in">{t("toSignIn")}</PageLink>}>
      {fault && <Alert tone="error">{faultText(t, fault)}</Alert>}
      <p className="text-sm text-muted-foreground">{t("check.spam")}</p>
      <Resend send={() => send(email)} onFault={setFault} />
    </Page>
  );
}

function Failed({ code, onSent, onAlready }: { code: string; onSent: (email: string) => void; onAlready: () => void }) {
  const t = useTexts("pages");
  const emailFault = useEmailFault();
  const form = useForm(
    ({ email }) => ({ email: emailFault(email) }),
    async ({ email = "" }) => {
      const fault = await send(email.trim());
      if (fault?.code === "EMAIL_ALREADY_VERIFIED") return onAlready() ?? null;
      if (fault) return fault;
      onSent(email.trim());
    },
  );
  const expired = code === "TOKEN_EXPIRED";
  return (
    <Page
      icon={MailWarning}
      tone="warning"
      title={t(code ? (expired ? "verify.expired" : "verify.broken") : "verify.sentTitle")}
      lead={t(code ? (expired ? "verify.expiredLead" : "verify.brokenLead") : "verify.askLead")}
      below={<PageLink to="/auth/sign-in">{t("toSignIn")}</PageLink>}
    >
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid gap-4">
        <Field label={t("email")} error={form.faults.email}>
          {(wiring) => <Input {...wiring} name="email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={254} required />}
        </Field>
        <Button type="submit" busy={form.busy}>
          {t("verify.send")}
        </Button>
      </form>
    </Page>
  );
}
