import "../link-texts";
import { useState } from "react";
import { boot } from "ui/boot";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { MailWarning } from "ui/icons";
import { Input, PasswordInput } from "ui/input";
import { ask, client, type Fault } from "../client";
import { useEmailFault, useForm } from "../form";
import { Page } from "../layout";
import { PageLink, useOnce } from "../route";

// The page behind the link that a new server prints: it makes the first
// administrator, who goes on to the console.
export default function FirstAdmin() {
  const t = useTexts("links");
  const token = useOnce("token");
  const [broken, setBroken] = useState(!token);
  const emailFault = useEmailFault();
  const { min, max } = boot.password;
  const form = useForm(
    ({ name = "", email, password = "" }) => ({
      name: name.trim() ? undefined : t("nameMissing"),
      email: emailFault(email),
      password: [...password].length < min ? t("short", { count: min }) : undefined,
    }),
    async ({ name = "", email = "", password = "" }) => {
      const { error } = await ask(client.$fetch<unknown, Fault>("/first-admin", { method: "POST", body: { token, name: name.trim(), email: email.trim(), password } }));
      if (error?.code === "INVALID_TOKEN") return setBroken(true) ?? null;
      if (error) return error;
      location.assign("/admin");
      await new Promise(() => {}); // busy until the page is gone
    },
  );
  if (broken) {
    return <Page key="broken" icon={MailWarning} tone="warning" title={t("broken")} lead={t("brokenLead")} below={<PageLink to="/auth/sign-in">{t("signIn")}</PageLink>} />;
  }
  return (
    <Page key="open" title={t("title")} lead={t("lead")}>
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid gap-4">
        <Field label={t("name")} error={form.faults.name}>
          {(wiring) => <Input {...wiring} name="name" autoComplete="name" maxLength={150} required />}
        </Field>
        <Field label={t("email")} error={form.faults.email}>
          {(wiring) => <Input {...wiring} name="email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={254} required />}
        </Field>
        <Field label={t("password")} error={form.faults.password} hint={t("hint", { count: min })}>
          {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="new-password" minLength={min} maxLength={2 * max} required />}
        </Field>
        <Button type="submit" busy={form.busy}>
          {t("submit")}
        </Button>
      </form>
    </Page>
  );
}
