// "Confirm that it is you", in the place where the server asked for it. Then
// what was asked for is done again.
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { Alert } from "ui/alert";
import { boot } from "ui/boot";
import { Button, buttonClass } from "ui/button";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { PasswordInput } from "ui/input";
import { announce } from "ui/live";
import { ask, client, faultText, type Fault } from "../client";
import { useForm } from "../form";
import { ProviderMark } from "../provider-mark";
import { ShieldCheck } from "./icons";
import { useMe } from "./me";

interface Answer<T> {
  data: T | null;
  error: Fault | null;
}

interface Demand {
  // again: only a new sign-in helps; otherwise a proof on this session does.
  again: boolean;
  password: boolean;
  providers: string[]; // those that the person can sign in with
  settle: (proved: boolean) => void;
}

// The answers that a proof helps against.
const wantsProof = ["STEP_UP_REQUIRED", "SESSION_NOT_FRESH", "SESSION_EXPIRED"];

const notProved = "NOT_PROVED";

// told is the fault to show: none where the person chose not to confirm.
export const told = (fault: Fault | null) => (fault?.code === notProved ? null : fault);

async function ways(): Promise<{ password: boolean; providers: string[] }> {
  const { data } = await ask(client.listAccounts());
  const ids = (data ?? []).map((account) => account.providerId);
  return { password: ids.includes("credential"), providers: [...new Set(ids)].filter((id) => boot.methods.social.some((each) => each.id === id)) };
}

export interface Proof {
  run: <T>(call: () => Promise<Answer<T>>) => Promise<Answer<T>>;
  demand: Demand | null;
}

// useProof gives run, which repeats a call once the person confirmed; show
// <Confirm proof={proof}> where they look.
export function useProof(): Proof {
  const [demand, setDemand] = useState<Demand | null>(null);
  const run = useCallback(async <T,>(call: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    for (;;) {
      const answer = await ask(call());
      const error: (Fault & { factors?: string[] }) | null = answer.error;
      if (!error?.code || !wantsProof.includes(error.code)) return answer;
      const can = await ways();
      const again = error.code !== "STEP_UP_REQUIRED";
      const password = again ? can.password : (error.factors ?? []).includes("password");
      const proved = await new Promise<boolean>((settle) => setDemand({ again, password, providers: can.providers, settle }));
      setDemand(null);
      if (!proved) return { data: null, error: { code: notProved } };
    }
  }, []);
  return { run, demand };
}

export function Confirm({ proof, why }: { proof: Proof; why?: ReactNode }) {
  return proof.demand && <Prompt demand={proof.demand} why={why} />;
}

function Prompt({ demand, why }: { demand: Demand; why?: ReactNode }) {
  const t = useTexts("account");
  const { user } = useMe();
  const box = useRef<HTMLElement>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const form = usePasswordProof(demand);
  useEffect(() => {
    announce(t("proof.title"));
    (box.current?.querySelector<HTMLElement>("input:not([hidden]), a, button") ?? box.current)?.focus();
  }, []);
  const error = form.error || (fault && faultText(t, fault));
  const lead = demand.password ? t("proof.password") : demand.providers.length > 0 ? t("proof.provider") : t("proof.signIn");
  return (
    <section ref={box} tabIndex={-1} aria-labelledby="proof-title" className="grid gap-4 rounded-card border border-primary bg-card p-4 sm:p-5">
      <div className="flex gap-3">
        <ShieldCheck aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-primary" />
        <div className="grid min-w-0 gap-1">
          <h2 id="proof-title" className="text-base">
            {t("proof.title")}
          </h2>
          <p className="text-sm text-muted-foreground">
            {why ?? t("proof.why")} {lead}
          </p>
        </div>
      </div>
      {error && <Alert tone="error">{error}</Alert>}
      {demand.password && (
        <form noValidate onSubmit={form.onSubmit} className="grid gap-4 sm:max-w-sm">
          <input hidden readOnly type="email" name="username" autoComplete="username" value={user.email} />
          <Field label={t("password.current")} error={form.faults.password}>
            {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="current-password" required />}
          </Field>
          <div className="flex flex-wrap gap-2">
            <Button type="submit" size="medium" busy={form.busy}>
              {t("proof.confirm")}
            </Button>
            <Button look="ghost" size="medium" onClick={() => demand.settle(false)}>
              {t("cancel")}
            </Button>
          </div>
        </form>
      )}
      <div className="flex flex-wrap gap-2">
        {demand.providers.map((id) => (
          <ByProvider key={id} id={id} onFault={setFault} />
        ))}
        {!demand.password && demand.providers.length === 0 && (
          <a href={"/auth/sign-in?" + new URLSearchParams({ callbackURL: location.pathname })} className={buttonClass("primary", "medium")}>
            {t("proof.signInAgain")}
          </a>
        )}
        {!demand.password && (
          <Button look="ghost" size="medium" onClick={() => demand.settle(false)}>
            {t("cancel")}
          </Button>
        )}
      </div>
    </section>
  );
}

function ByProvider({ id, onFault }: { id: string; onFault: (fault: Fault | null) => void }) {
  const t = useTexts("account");
  const [busy, setBusy] = useState(false);
  const name = boot.methods.social.find((each) => each.id === id)?.name ?? id;
  const begin = async () => {
    setBusy(true);
    const { error } = await ask(client.signIn.social({ provider: id, callbackURL: location.pathname, errorCallbackURL: location.pathname }));
    if (error) {
      setBusy(false);
      onFault(error);
    }
  };
  return (
    <Button look="secondary" size="medium" busy={busy} onClick={() => void begin()}>
      <ProviderMark id={id} name={name} />
      {t("proof.with", { provider: name })}
    </Button>
  );
}

function usePasswordProof(demand: Demand) {
  const t = useTexts("account");
  const { user, session } = useMe();
  return useForm(
    ({ password }) => ({ password: password ? undefined : t("passwordMissing") }),
    async ({ password = "" }) => {
      if (!demand.again) {
        const { error } = await ask(client.$fetch("/step-up", { method: "POST", body: { password } }));
        if (error) return error as Fault;
      } else {
        const { error } = await ask(client.signIn.email({ email: user.email, password }));
        if (error) return error.code === "INVALID_EMAIL_OR_PASSWORD" ? { ...error, code: "INVALID_PASSWORD" } : error;
        await ask(client.revokeSession({ token: session.token })); // the new session is in its place
      }
      announce(t("proof.done"));
      demand.settle(true);
      return null;
    },
  );
}
