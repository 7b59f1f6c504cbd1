import "../texts";
import { useState } from "react";
import { boot } from "ui/boot";
import { Alert } from "ui/alert";
import { Button, buttonClass } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { CircleCheck, MailWarning } from "ui/icons";
import { PasswordInput } from "ui/input";
import { ask, client } from "../client";
import { useForm } from "../form";
import { Page } from "../layout";
import { PageLink, useOnce } from "../route";

export default function ResetPassword() {
  const t = useTexts("pages");
  const token = useOnce("token");
  const [state, setState] = useState<"open" | "done" | "broken">(token ? "open" : "broken");
  const { min, max } = boot.password;
  const form = useForm(
    ({ password = "" }) => ({ password: !password ? t("reset.missing") : [...password].length < min ? t("signUp.passwordShort", { count: min }) : undefined }),
    async ({ password = "" }) => {
      const { error } = await ask(client.resetPassword({ newPassword: password, token }));
      if (error?.code === "INVALID_TOKEN") return setState("broken") ?? null;
      if (error) return error;
      setState("done");
    },
  );
  if (state === "broken") {
    return (
      <Page key="broken" icon={MailWarning} tone="warning" title={t("reset.broken")} lead={t("reset.brokenLead")} below={<PageLink to="/auth/sign-in">{t("toSignIn")}</PageLink>}>
        <PageLink to="/auth/forgot-password" className={buttonClass()}>
          {t("reset.new")}
        </PageLink>
      </Page>
    );
  }
  if (state === "done") {
    return (
      <Page key="done" icon={CircleCheck} tone="success" title={t("reset.done")} lead={t(boot.password.revokes ? "reset.doneLead" : "reset.doneLeadKept")}>
        <PageLink to="/auth/sign-in" className={buttonClass()}>
          {t("signIn")}
        </PageLink>
      </Page>
    );
  }
  return (
    <Page key="open" title={t("reset.title")} lead={boot.password.revokes && t("reset.lead")}>
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid gap-4">
        <Field label={t("reset.password")} error={form.faults.password} hint={t("signUp.passwordHint", { count: min })}>
          {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="new-password" minLength={min} maxLength={2 * max} required />}
        </Field>
        <Button type="submit" busy={form.busy}>
          {t("reset.submit")}
        </Button>
      </form>
    </Page>
  );
}
