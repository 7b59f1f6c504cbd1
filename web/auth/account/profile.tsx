import { Alert } from "ui/alert";
import { useState } from "react";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { Input } from "ui/input";
import { announce } from "ui/live";
import { ask, client, faultText, type Fault } from "../client";
import { useEmailFault, useForm } from "../form";
import { useOnce } from "../route";
import { Avatar } from "./avatar";
import { Badge, Head, Section } from "./layout";
import { useMe } from "./me";
import { Confirm, told, useProof } from "./proof";
import { When } from "./when";

export function Profile() {
  const t = useTexts("account");
  const { user } = useMe();
  return (
    <>
      <Head title={t("profile.title")} lead={t("profile.lead", { app: boot.brand.name })} />
      <Section title={t("profile.name")} lead={t("profile.nameLead")}>
        <div className="flex min-w-0 items-center gap-4">
          <Avatar user={user} className="size-14 text-lg" />
          <div className="min-w-0">
            <p dir="auto" className="line-clamp-3 font-medium wrap-anywhere">
              {user.name || user.email}
            </p>
            <p className="text-sm text-muted-foreground">{t.rich("profile.since", { date: <When at={user.createdAt} exact="date" /> })}</p>
          </div>
        </div>
        <NameForm />
      </Section>
      <Address />
    </>
  );
}

function NameForm() {
  const t = useTexts("account");
  const { user } = useMe();
  const proof = useProof();
  const [saved, setSaved] = useState(false);
  const form = useForm(
    ({ name = "" }) => ({ name: name.trim() ? undefined : t("profile.nameMissing") }),
    async ({ name = "" }) => {
      setSaved(false);
      const { error } = await proof.run(() => client.updateUser({ name: name.trim() }));
      if (error) return told(error);
      announce(t("saved"));
      setSaved(true);
    },
  );
  return (
    <>
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} onChange={() => setSaved(false)} className="grid gap-4 sm:max-w-sm">
        <Field label={t("profile.nameLabel")} error={form.faults.name}>
          {(wiring) => <Input {...wiring} key={user.name} name="name" autoComplete="name" dir="auto" maxLength={200} required defaultValue={user.name} />}
        </Field>
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" size="medium" busy={form.busy}>
            {t("save")}
          </Button>
          {saved && <Badge tone="success">{t("saved")}</Badge>}
        </div>
      </form>
      <Confirm proof={proof} />
    </>
  );
}

// Address is the e-mail address and how its change stands. The link in a mail
// comes back with ?mail=, and with ?error= where it does not work.
function Address() {
  const t = useTexts("account");
  const { user, again } = useMe();
  const opened = useOnce("mail");
  const broken = useOnce("error");
  const proof = useProof();
  const emailFault = useEmailFault();
  const [asked, setAsked] = useState("");
  const form = useForm(
    ({ newEmail }) => ({ newEmail: emailFault(newEmail) ?? (newEmail!.trim().toLowerCase() === user.email ? t("email.same") : undefined) }),
    async ({ newEmail = "" }) => {
      const wanted = newEmail.trim();
      setAsked("");
      const { error } = await proof.run(() => client.changeEmail({ newEmail: wanted, callbackURL: "/account?mail=changed" }));
      if (error) return told(error);
      await again();
      setAsked(wanted.toLowerCase());
      announce(t("email.look"));
    },
  );
  return (
    <Section title={t("email.title")} lead={t("email.lead")}>
      {broken && <Alert tone="error">{t.known(`error.${broken}`) ? faultText(t, { status: 400, code: broken }) : t("email.broken")}</Alert>}
      {opened && !broken && <Alert tone="success">{opened === "changed" ? t("email.opened", { email: user.email }) : t("email.confirmed")}</Alert>}
      <p className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="min-w-0 font-medium wrap-anywhere">{user.email}</span>
        <Badge tone={user.emailVerified ? "success" : "warning"}>{user.emailVerified ? t("email.proved") : t("email.notProved")}</Badge>
      </p>
      {!user.emailVerified && boot.methods.verification && <SendProof />}
      {asked && asked === user.email && <Alert tone="success">{t("email.changed")}</Alert>}
      {asked && asked !== user.email && (
        <Alert tone="info">
          {boot.account.agreeFirst && user.emailVerified ? t("email.sentOld", { old: user.email, email: asked }) : t("email.sentNew", { email: asked })}
        </Alert>
      )}
      {form.error && <Alert tone="error">{form.error}</Alert>}
      {boot.account.changeEmail ? (
        <form noValidate onSubmit={form.onSubmit} className="grid gap-4 border-t pt-4 sm:max-w-sm sm:border-0 sm:pt-0">
          <Field label={t("email.new")} error={form.faults.newEmail}>
            {(wiring) => <Input {...wiring} name="newEmail" type="email" autoComplete="email" autoCapitalize="none" spellCheck={false} maxLength={254} required />}
          </Field>
          <Button type="submit" look="secondary" size="medium" busy={form.busy} className="justify-self-start">
            {t("email.change")}
          </Button>
        </form>
      ) : (
        <p className="text-sm text-muted-foreground">{t("email.off")}</p>
      )}
      <Confirm proof={proof} />
    </Section>
  );
}

// SendProof mails a link that proves the present address.
function SendProof() {
  const t = useTexts("account");
  const { user } = useMe();
  const [state, setState] = useState<{ busy?: boolean; sent?: boolean; fault?: Fault }>({});
  const send = async () => {
    setState({ busy: true });
    const { error } = await ask(client.sendVerificationEmail({ email: user.email, callbackURL: "/account?mail=confirmed" }));
    setState(error ? { fault: error } : { sent: true });
    if (!error) announce(t("email.proofSent"));
  };
  return (
    <Alert tone={state.fault ? "error" : state.sent ? "success" : "warning"}>
      <p>{state.fault ? faultText(t, state.fault) : state.sent ? t("email.proofSent") : t("email.notProvedLead")}</p>
      {!state.sent && (
        <Button look="secondary" size="small" busy={state.busy} className="mt-2" onClick={() => void send()}>
          {t("email.sendProof")}
        </Button>
      )}
    </Alert>
  );
}
