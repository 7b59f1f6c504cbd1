import { useState, type FormEvent } from "react";
import "./people/texts";
import { Button, buttonClass } from "ui/button";
import { Drawer } from "ui/drawer";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { PasswordInput } from "ui/input";
import { post } from "./api";
import { useMe } from "./guard";
import { useFault } from "./people/fault";
import type { Asked } from "./proof";

export default function ProofDialog({ asked }: { asked: Asked }) {
  const t = useTexts("people");
  const say = useFault();
  const { user } = useMe();
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const again = "/auth/sign-in?" + new URLSearchParams({ callbackURL: location.pathname + location.search });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    if (!password) return setError(t("passwordMissing"));
    setBusy(true);
    try {
      await post("/step-up", { password });
      asked.settle(true);
    } catch (fault) {
      setError(say(fault));
      setBusy(false);
    }
  };
  return (
    <Drawer middle title={t("proof.title")} onClose={() => asked.settle(false)}>
      <form noValidate onSubmit={(event) => void submit(event)} className="grid gap-4 pb-1">
        <p className="text-sm text-muted-foreground">{asked.stale ? t("proof.stale") : t("proof.lead")}</p>
        {!asked.stale && (
          <>
            <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
            <Field label={t("proof.password")} error={error}>
              {(wiring) => <PasswordInput {...wiring} name="password" autoComplete="current-password" autoFocus />}
            </Field>
          </>
        )}
        <div className="flex flex-wrap items-center justify-end gap-2">
          <a href={again} className={buttonClass(asked.stale ? "primary" : "ghost", "medium")}>
            {t("proof.signIn")}
          </a>
          {!asked.stale && (
            <Button type="submit" size="medium" busy={busy}>
              {t("proof.go")}
            </Button>
          )}
        </div>
      </form>
    </Drawer>
  );
}
