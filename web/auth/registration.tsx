// The form for a new account: open to anybody, by invitation, or as a request
// that an administrator decides.
import "./texts";
import { useState, type ReactNode } from "react";
import { boot, type Question } from "ui/boot";
import { Alert } from "ui/alert";
import { Button, buttonClass } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { LockKeyhole, MailCheck } from "ui/icons";
import { Input, PasswordInput, TextArea } from "ui/input";
import { ask, client, faultText, type Fault } from "./client";
import { useEmailFault, useForm, type Faults } from "./form";
import { Divider, Page } from "./layout";
import { Providers } from "./providers";
import { callbackURL, go, onward, PageLink, useOnce } from "./route";

// length counts as the server does, in Unicode code points.
const length = (text: string) => [...text].length;

export function Registration() {
  const t = useTexts("pages");
  const invitation = useOnce("invitationToken");
  const { mode } = boot.registration;
  const app = boot.brand.name;
  if (mode === "closed") return <Shut icon={LockKeyhole} title={t("signUp.closedTitle")} lead={t("signUp.closed", { app })} />;
  if (mode === "invite" && !invitation) return <Shut icon={MailCheck} title={t("signUp.inviteTitle")} lead={t("signUp.invite", { app })} />;
  if (invitation) return <Form title={t("signUp.titleInvited")} lead={t("signUp.leadInvited")} submit={t("signUp.submit")} said={{ invitationToken: invitation }} asks={false} />;
  if (mode === "approval") return <Form title={t("signUp.titleRequest", { app })} lead={t("signUp.leadRequest")} submit={t("signUp.submitRequest")} said={{}} asks />;
  return <Form title={t("signUp.title")} submit={t("signUp.submit")} said={{}} asks={false} />;
}

function Shut({ icon, title, lead }: { icon: typeof LockKeyhole; title: string; lead: string }) {
  const t = useTexts("pages");
  return (
    <Page icon={icon} title={title} lead={lead}>
      <PageLink to="/auth/sign-in" className={buttonClass("secondary")}>
        {t("toSignIn")}
      </PageLink>
    </Page>
  );
}

interface FormProps {
  title: string;
  lead?: string;
  submit: string;
  said: Record<string, string>; // sent besides
  asks: boolean; // for a reason and the answers
}

function Form({ title, lead, submit, said, asks }: FormProps) {
  const t = useTexts("pages");
  const [provided, setProvided] = useState<Fault | null>(null);
  const form = useRegistration(said, asks);
  const error = form.error || (provided && faultText(t, provided));
  const { social } = boot.methods;
  const { min, max } = boot.password;
  return (
    <Page title={title} lead={lead} below={<p>{t.rich("signUp.known", { link: <PageLink to="/auth/sign-in">{t("signIn")}</PageLink> })}</p>}>
      {error && <Alert tone="error">{error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid gap-4">
        <Field label={t("signUp.name")} error={form.faults.name}>
          {(wiring) => <Input {...wiring} name="name" autoComplete="name" maxLength={150} required />}
        </Field>
        <Field label={t("email")} error={form.faults.email}>
          {(wiring) => <Input {...wiring} name="email" type="email" autoComplete="email" autoCapitalize="none" spellCheck={false} maxLength={254} required />}
        </Field>
        <Field label={t("signUp.password")} error={form.faults.password} hint={t("signUp.passwordHint", { count: min })}>
          {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="new-password" minLength={min} maxLength={2 * max} required />}
        </Field>
        {asks && <Asked faults={form.faults} />}
        <Button type="submit" busy={form.busy}>
          {submit}
        </Button>
        <Agreement />
      </form>
      {/* A provider carries an invitation along, but no answers. */}
      {social.length > 0 && !(asks && needsAnswers) && (
        <>
          <Divider>{t("or")}</Divider>
          <Providers onFault={setProvided} said={() => said} />
        </>
      )}
    </Page>
  );
}

const needsAnswers = boot.registration.requireReason || boot.registration.questions.some(({ required }) => required);

function Asked({ faults }: { faults: Faults }) {
  const t = useTexts("pages");
  const reason: Question = { name: "reason", label: t("signUp.reason"), required: boot.registration.requireReason, maxLength: 500 };
  return [reason, ...boot.registration.questions].map(({ name, label, required, maxLength }) => (
    <Field key={name} label={label} error={faults[name]} aside={!required && <span className="text-sm text-muted-foreground">{t("signUp.optional")}</span>}>
      {(wiring) => <TextArea {...wiring} name={name} rows={name === "reason" ? 3 : 2} maxLength={maxLength} required={required} />}
    </Field>
  ));
}

function Agreement() {
  const t = useTexts("pages");
  const { terms, privacy } = boot.brand;
  const link = (href: string, text: ReactNode) => (
    <a href={href} target="_blank" rel="noreferrer" className="link">
      {text}
    </a>
  );
  if (!terms || !privacy) return null;
  return <p className="text-sm text-muted-foreground">{t.rich("signUp.agree", { terms: link(terms, t("signUp.agreeTerms")), privacy: link(privacy, t("signUp.agreePrivacy")) })}</p>;
}

function useRegistration(said: Record<string, string>, asks: boolean) {
  const t = useTexts("pages");
  const emailFault = useEmailFault();
  const { min } = boot.password;
  const required = asks ? [...(boot.registration.requireReason ? ["reason"] : []), ...boot.registration.questions.filter((q) => q.required).map((q) => q.name)] : [];
  return useForm(
    (values) => ({
      name: values.name?.trim() ? undefined : t("signUp.nameMissing"),
      email: emailFault(values.email),
      password: length(values.password ?? "") >= min ? undefined : t("signUp.passwordShort", { count: min }),
      ...Object.fromEntries(required.map((name) => [name, values[name]?.trim() ? undefined : t("signUp.answerMissing")])),
    }),
    async ({ name = "", email = "", password = "", ...answers }) => {
      const filled = Object.fromEntries(Object.entries(answers).filter(([, value]) => value.trim() !== ""));
      const address = email.trim();
      const body = { ...filled, ...said, name: name.trim(), email: address, password, callbackURL: verified() };
      const { data, error } = await ask<{ token: string | null }>(client.signUp.email(body));
      if (error) return error;
      if (data?.token) {
        location.assign("/auth/continue" + onward());
        return new Promise(() => {});
      }
      go((asks ? "/auth/pending" : boot.methods.verification ? "/auth/verify-email" : "/auth/sign-in") + onward(), { email: address });
    },
  );
}

// verified is where the link in the mail ends that proves the address.
export function verified(): string {
  const query = new URLSearchParams({ done: "1" });
  const next = callbackURL();
  if (next) query.set("callbackURL", next);
  return "/auth/verify-email?" + query;
}
