import { useState } from "react";
import { boot } from "ui/boot";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { Input, PasswordInput } from "ui/input";
import { announce } from "ui/live";
import { ask, client, faultText, type Fault } from "../client";
import { useEmailFault, useForm } from "../form";
import { Divider, Page } from "../layout";
import { Providers } from "../providers";
import { callbackURL, go, onward, PageLink } from "../route";

export default function SignIn() {
  const t = useTexts("auth");
  const [provided, setProvided] = useState<Fault | null>(null);
  const { password, social, reset } = boot.methods;
  const form = useSignInForm();
  const error = form.error || (provided && faultText(t, provided));
  return (
    <Page title={t("signIn.title", { app: boot.brand.name })} below={<NewHere />}>
      {error && <Alert tone="error">{error}</Alert>}
      {!password && social.length === 0 && <Alert tone="warning">{t("signIn.nothing")}</Alert>}
      {password && (
        <form noValidate onSubmit={form.onSubmit} className="grid gap-4">
          <Field label={t("email")} error={form.faults.email}>
            {(wiring) => (
              <Input {...wiring} name="email" type="email" autoComplete="username webauthn" autoCapitalize="none" spellCheck={false} maxLength={254} required defaultValue={history.state?.email} />
            )}
          </Field>
          <div className="relative grid gap-4">
            <Field label={t("signIn.password")} error={form.faults.password}>
              {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="current-password" required />}
            </Field>
            <label className="flex w-fit items-center gap-2 text-sm">
              <input type="checkbox" name="remember" defaultChecked className="size-4 accent-primary" />
              {t("signIn.remember")}
            </label>
            <Button type="submit" busy={form.busy}>
              {t("signIn.submit")}
            </Button>
            {/* After the button in the order of keys, beside the label to the eye. */}
            {reset && (
              <span className="absolute end-0 top-0 text-sm">
                <PageLink to="/auth/forgot-password">{t("signIn.forgot")}</PageLink>
              </span>
            )}
          </div>
        </form>
      )}
      {password && social.length > 0 && <Divider>{t("signIn.or")}</Divider>}
      {social.length > 0 && <Providers onFault={setProvided} />}
    </Page>
  );
}

function useSignInForm() {
  const t = useTexts("auth");
  const emailFault = useEmailFault();
  return useForm(
    ({ email, password }) => ({ email: emailFault(email), password: password ? undefined : t("passwordMissing") }),
    async ({ email = "", password = "", remember }) => {
      const { data, error } = await ask(client.signIn.email({ email: email.trim(), password, rememberMe: remember === "on", callbackURL: callbackURL() }));
      if (error?.code === "EMAIL_NOT_VERIFIED") return void go("/auth/verify-email" + onward(), { email: email.trim() });
      if (error?.code === "ACCOUNT_PENDING_APPROVAL") return void go("/auth/pending", { email: email.trim() });
      if (error) return error;
      announce(t("signedIn"));
      // The client follows the address that the server checked; without one
      // the person's own account is next.
      if (!data?.url) location.assign("/account");
      await new Promise(() => {}); // busy until the page is gone
    },
  );
}

function NewHere() {
  const t = useTexts("auth");
  const { mode } = boot.registration;
  if (mode !== "open" && mode !== "approval") return null;
  const [to, label] = mode === "open" ? ["/auth/sign-up", t("signIn.signUp")] : ["/auth/request-access", t("signIn.request")];
  return <p>{t.rich("signIn.new", { link: <PageLink to={to}>{label}</PageLink> })}</p>;
}
