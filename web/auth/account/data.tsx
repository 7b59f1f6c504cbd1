import { useState } from "react";
import { Alert } from "ui/alert";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { Input, PasswordInput } from "ui/input";
import { announce } from "ui/live";
import { client, faultText, type Fault } from "../client";
import { useForm } from "../form";
import { Download } from "./icons";
import { Head, Section } from "./layout";
import { leave, useMe } from "./me";
import { Confirm, told, useProof } from "./proof";
import { useResource } from "./resource";

export function Data() {
  const t = useTexts("account");
  return (
    <>
      <Head title={t("data.title")} lead={t("data.lead", { app: boot.brand.name })} />
      {boot.account.data && <Take />}
      <Delete />
    </>
  );
}

// save hands a text to the browser as a file.
function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Take() {
  const t = useTexts("account");
  const proof = useProof();
  const [state, setState] = useState<{ busy?: boolean; done?: boolean; fault?: Fault | null }>({});
  const take = async () => {
    setState({ busy: true });
    const { data, error } = await proof.run(
      () => client.$fetch("/account/data", { method: "POST", body: {}, jsonParser: JSON.parse }) as Promise<{ data: unknown; error: Fault | null }>,
    );
    if (data) {
      save(`account-${new Date().toISOString().slice(0, 10)}.json`, JSON.stringify(data, null, 2) + "\n");
      announce(t("data.taken"));
    }
    setState({ done: !!data, fault: told(error) });
  };
  return (
    <Section title={t("data.take")} lead={t("data.takeLead")}>
      {state.fault && <Alert tone="error">{faultText(t, state.fault)}</Alert>}
      {state.done && <Alert tone="success">{t("data.taken")}</Alert>}
      <Button look="secondary" size="medium" busy={state.busy} className="justify-self-start" onClick={() => void take()}>
        <Download aria-hidden="true" className="size-4" />
        {t("data.download")}
      </Button>
      <Confirm proof={proof} />
    </Section>
  );
}

function Delete() {
  const t = useTexts("account");
  if (!boot.account.delete) {
    return <Section title={t("delete.title")} lead={t("delete.off", { app: boot.brand.name })} />;
  }
  return (
    <Section danger title={t("delete.title")} lead={t("delete.lead")}>
      <DeleteForm />
    </Section>
  );
}

// The server's word for "a mail is on its way" (POST /delete-user).
const mailed = "Verification email sent";

function DeleteForm() {
  const t = useTexts("account");
  const { user } = useMe();
  const proof = useProof();
  const accounts = useResource(() => client.listAccounts());
  const hasPassword = accounts.data?.some((account) => account.providerId === "credential");
  const [open, setOpen] = useState(false);
  const [sent, setSent] = useState(false);
  const form = useForm(
    ({ typed = "", password }) => ({
      typed: typed.trim().toLowerCase() === user.email ? undefined : t("delete.typedWrong"),
      password: !hasPassword || password ? undefined : t("passwordMissing"),
    }),
    async ({ password }) => {
      const { data, error } = await proof.run(() => client.deleteUser({ ...(password && { password }), callbackURL: "/auth/signed-out" }));
      if (error) return told(error);
      if (data?.message === mailed) {
        announce(t("delete.mailed", { email: user.email }));
        return void setSent(true);
      }
      leave("/auth/signed-out");
      await new Promise(() => {}); // busy until the page is gone
    },
  );
  if (sent) return <Alert tone="info">{t("delete.mailed", { email: user.email })}</Alert>;
  if (!open) {
    return (
      <Button look="destructive" size="medium" className="justify-self-start" onClick={() => setOpen(true)}>
        {t("delete.begin")}
      </Button>
    );
  }
  return (
    <>
      {form.error && <Alert tone="error">{form.error}</Alert>}
      <form noValidate onSubmit={form.onSubmit} className="grid gap-4 sm:max-w-sm">
        <input hidden readOnly type="email" name="username" autoComplete="username" value={user.email} />
        <Field label={t("delete.typed")} hint={<span className="wrap-anywhere">{user.email}</span>} error={form.faults.typed}>
          {(wiring) => <Input {...wiring} name="typed" autoFocus autoComplete="off" autoCapitalize="none" spellCheck={false} required />}
        </Field>
        {hasPassword && (
          <Field label={t("password.current")} error={form.faults.password}>
            {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="current-password" required />}
          </Field>
        )}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="destructive" size="medium" busy={form.busy}>
            {t("delete.submit")}
          </Button>
          <Button look="ghost" size="medium" onClick={() => setOpen(false)}>
            {t("cancel")}
          </Button>
        </div>
      </form>
      <Confirm proof={proof} />
    </>
  );
}
