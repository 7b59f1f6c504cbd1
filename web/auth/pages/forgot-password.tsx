import "../texts";
import { boot } from "ui/boot";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { Input } from "ui/input";
import { ask, client } from "../client";
import { useEmailFault, useForm } from "../form";
import { Page } from "../layout";
import { go, onward, PageLink } from "../route";

export default function ForgotPassword() {
  const t = useTexts("pages");
  const emailFault = useEmailFault();
  const form = useForm(
    ({ email }) => ({ email: emailFault(email) }),
    async ({ email = "" }) => {
      const { error } = await ask(client.requestPasswordReset({ email: email.trim(), redirectTo: "/auth/reset-password" }));
      if (error) return error;
      go("/auth/check-email" + onward(), { email: email.trim() });
    },
  );
  const back = <PageLink to="/auth/sign-in">{t("toSignIn")}</PageLink>;
  if (!boot.methods.reset) {
    return (
      <Page title={t("forgot.title")} below={back}>
        <Alert tone="info">{t("forgot.off")}</Alert>
      </Page>
    );
  }
  return (
    <Page title={t("forgot.title")} lead={t("forgot.lead")} below={back}>
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid gap-4">
        <Field label={t("email")} error={form.faults.email}>
          {(wiring) => <Input {...wiring} name="email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={254} required defaultValue={history.state?.email} />}
        </Field>
        <Button type="submit" busy={form.busy}>
          {t("forgot.submit")}
        </Button>
      </form>
    </Page>
  );
}
