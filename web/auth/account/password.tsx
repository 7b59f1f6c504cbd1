import { useState } from "react";
import { Alert } from "ui/alert";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { PasswordInput } from "ui/input";
import { announce } from "ui/live";
import { ask, client, faultText, type Fault } from "../client";
import { useForm } from "../form";
import { Head, Section, Unread, Waiting } from "./layout";
import { useMe } from "./me";
import { Confirm, told, useProof } from "./proof";
import { useResource } from "./resource";

export function Password() {
  const t = useTexts("account");
  const accounts = useResource(() => client.listAccounts());
  const has = accounts.data?.some((account) => account.providerId === "credential");
  return (
    <>
      <Head title={t("password.title")} lead={t("password.lead")} />
      {accounts.fault && !accounts.data ? (
        <Section title={t("password.title")} flush>
          <Unread fault={accounts.fault} retry={accounts.reload} />
        </Section>
      ) : !accounts.data ? (
        <Section title={t("password.title")} flush>
          <Waiting />
        </Section>
      ) : has ? (
        <Change />
      ) : (
        <Set />
      )}
    </>
  );
}

function Change() {
  const t = useTexts("account");
  const { user } = useMe();
  const proof = useProof();
  const [done, setDone] = useState(0); // a new number empties the form
  const { min, max } = boot.password;
  const form = useForm(
    ({ current, wanted = "" }) => ({
      current: current ? undefined : t("passwordMissing"),
      wanted: [...wanted].length < min ? t("password.short", { count: min }) : undefined,
    }),
    async ({ current = "", wanted = "", others }) => {
      setDone(0);
      const { error } = await proof.run(() => client.changePassword({ currentPassword: current, newPassword: wanted, revokeOtherSessions: others === "on" }));
      if (error) return told(error);
      announce(t("password.done"));
      setDone(Date.now());
    },
  );
  return (
    <Section title={t("password.change")} lead={t("password.changeLead")}>
      {done > 0 && <Alert tone="success">{t("password.done")}</Alert>}
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form key={done} noValidate onSubmit={form.onSubmit} className="grid gap-4 sm:max-w-sm">
        <input hidden readOnly type="email" name="username" autoComplete="username" value={user.email} />
        <Field label={t("password.now")} error={form.faults.current}>
          {(wiring) => <PasswordInput {...wiring} name="current" autoComplete="current-password" required />}
        </Field>
        <Field label={t("password.new")} error={form.faults.wanted} hint={t("password.hint", { count: min })}>
          {(wiring) => <PasswordInput {...wiring} name="wanted" autoComplete="new-password" maxLength={max} required />}
        </Field>
        <label className="flex items-start gap-2 text-sm">
          <input type="checkbox" name="others" defaultChecked className="mt-0.5 size-4 shrink-0 accent-primary" />
          {t("password.others")}
        </label>
        <Button type="submit" size="medium" busy={form.busy} className="justify-self-start">
          {t("password.save")}
        </Button>
      </form>
      <Confirm proof={proof} />
    </Section>
  );
}

// Set is for who signs in by a provider alone: the first password comes by a
// link in a mail, which proves the address as well.
function Set() {
  const t = useTexts("account");
  const { user } = useMe();
  const [state, setState] = useState<{ busy?: boolean; sent?: boolean; fault?: Fault }>({});
  const send = async () => {
    setState({ busy: true });
    const { error } = await ask(client.requestPasswordReset({ email: user.email, redirectTo: "/auth/reset-password" }));
    setState(error ? { fault: error } : { sent: true });
    if (!error) announce(t("password.sent", { email: user.email }));
  };
  return (
    <Section title={t("password.set")} lead={t("password.setLead")}>
      {state.fault && <Alert tone="error">{faultText(t, state.fault)}</Alert>}
      {!boot.methods.reset ? (
        <Alert tone="info">{t("password.setOff")}</Alert>
      ) : state.sent ? (
        <Alert tone="success">{t("password.sent", { email: user.email })}</Alert>
      ) : (
        <Button size="medium" busy={state.busy} className="justify-self-start" onClick={() => void send()}>
          {t("password.send")}
        </Button>
      )}
    </Section>
  );
}
