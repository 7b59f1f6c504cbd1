// What is asked before something is done to people.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { Alert } from "ui/alert";
import { Button, type Look } from "ui/button";
import { Drawer } from "ui/drawer";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { Input, TextArea } from "ui/input";
import { Select } from "ui/select";
import { toast } from "ui/toast";
import { roles as readRoles, type Person } from "../api";
import { ask, client, Refusal } from "../client";
import { withProof } from "../proof";
import { useFault } from "./fault";
import { Check } from "./popover";
import type { BanTerms } from "./use-actions";

interface AskProps {
  title: ReactNode;
  go: string;
  look?: Look;
  busy?: boolean;
  error?: string;
  onClose: () => void;
  onSubmit: (form: FormData) => void;
  children?: ReactNode;
}

// Ask is a small form over the page.
export function Ask({ title, go, look = "primary", busy, error, onClose, onSubmit, children }: AskProps) {
  const t = useTexts("people");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <Drawer middle title={title} onClose={onClose}>
      <form noValidate onSubmit={submit} className="grid gap-4 pb-1">
        {error && <Alert tone="error">{error}</Alert>}
        {children}
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="ghost" size="medium" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" look={look} size="medium" busy={busy}>
            {go}
          </Button>
        </div>
      </form>
    </Drawer>
  );
}

const terms = { hour: 3_600, day: 86_400, week: 604_800, month: 2_592_000, forever: undefined, until: undefined };
type Term = keyof typeof terms;

export function BanDialog({ title, onClose, onBan }: { title: ReactNode; onClose: () => void; onBan: (terms: BanTerms) => void }) {
  const t = useTexts("people");
  const [term, setTerm] = useState<Term>("forever");
  const [error, setError] = useState("");
  const submit = (form: FormData) => {
    let seconds: number | undefined = terms[term];
    if (term === "until") {
      seconds = Math.round((Date.parse(String(form.get("until"))) - Date.now()) / 1000);
      if (!(seconds > 0)) return setError(t("ban.untilPast"));
    }
    onClose();
    onBan({ reason: String(form.get("reason")).trim(), seconds });
  };
  return (
    <Ask title={title} go={t("ban.go")} look="destructive" onClose={onClose} onSubmit={submit}>
      <p className="text-sm text-muted-foreground">{t("ban.lead")}</p>
      <Field label={t("ban.reason")} hint={t("ban.reasonHint")}>
        {(wiring) => <Input {...wiring} name="reason" maxLength={500} autoFocus />}
      </Field>
      <Field label={t("ban.term")}>
        {(wiring) => (
          <Select {...wiring} value={term} onChange={(event) => setTerm(event.target.value as Term)}>
            {(Object.keys(terms) as Term[]).map((each) => (
              <option key={each} value={each}>
                {t(`ban.term.${each}`)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {term === "until" && (
        <Field label={t("ban.until")} error={error}>
          {(wiring) => <Input {...wiring} type="datetime-local" name="until" />}
        </Field>
      )}
    </Ask>
  );
}

// TypedDialog asks to type something before what cannot be undone.
export function TypedDialog({ title, lead, word, go, onClose, onGo }: { title: ReactNode; lead: ReactNode; word: string; go: string; onClose: () => void; onGo: () => Promise<boolean> | void }) {
  const t = useTexts("people");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (form: FormData) => {
    if (String(form.get("typed")).trim() !== word) return setError(t("typed.wrong"));
    setBusy(true);
    await onGo();
    onClose();
  };
  return (
    <Ask title={title} go={go} look="destructive" busy={busy} onClose={onClose} onSubmit={(form) => void submit(form)}>
      <Alert tone="warning">{lead}</Alert>
      <Field label={<span className="font-normal">{t.rich("typed.label", { word: <bdi className="font-semibold wrap-anywhere select-all">{word}</bdi> })}</span>} error={error}>
        {(wiring) => <Input {...wiring} name="typed" autoComplete="off" autoCapitalize="none" spellCheck={false} autoFocus onChange={() => setError("")} />}
      </Field>
    </Ask>
  );
}

// useRoles are the names of the roles that there are.
export function useRoles() {
  return useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => readRoles(signal), staleTime: 300_000 });
}

export function RolesField({ value, onChange }: { value: string[]; onChange: (roles: string[]) => void }) {
  const t = useTexts("people");
  const { data } = useRoles();
  const all = [...new Set([...(data?.roles.map(({ name }) => name) ?? []), ...value])];
  return (
    <fieldset className="grid gap-0.5">
      <legend className="mb-1 text-sm font-medium">{t("roles")}</legend>
      {all.map((role) => (
        <Check key={role} checked={value.includes(role)} disabled={value.length === 1 && value[0] === role} onChange={(on) => onChange(on ? [...value, role] : value.filter((each) => each !== role))}>
          {role}
        </Check>
      ))}
    </fieldset>
  );
}

export function RolesDialog({ title, roles, onClose, onGo }: { title: ReactNode; roles: string[]; onClose: () => void; onGo: (roles: string[]) => void }) {
  const t = useTexts("people");
  const [chosen, setChosen] = useState(roles);
  return (
    <Ask
      title={title}
      go={t("role.go")}
      onClose={onClose}
      onSubmit={() => {
        onClose();
        onGo(chosen);
      }}
    >
      <RolesField value={chosen} onChange={setChosen} />
    </Ask>
  );
}

export function RejectDialog({ title, onClose, onGo }: { title: ReactNode; onClose: () => void; onGo: (reason: string) => void }) {
  const t = useTexts("people");
  return (
    <Ask
      title={title}
      go={t("reject.go")}
      look="destructive"
      onClose={onClose}
      onSubmit={(form) => {
        onClose();
        onGo(String(form.get("reason")).trim());
      }}
    >
      <p className="text-sm text-muted-foreground">{t("reject.lead")}</p>
      <Field label={t("reject.reason")} hint={t("reject.reasonHint")}>
        {(wiring) => <TextArea {...wiring} name="reason" maxLength={500} autoFocus />}
      </Field>
    </Ask>
  );
}

// PersonDialog creates somebody, or changes who is given.
export function PersonDialog({ person, onClose, onDone }: { person?: Person; onClose: () => void; onDone: (id: string) => void }) {
  const t = useTexts("people");
  const say = useFault();
  const queries = useQueryClient();
  const [roles, setRoles] = useState<string[]>([]);
  const [error, setError] = useState("");
  const [wrong, setWrong] = useState(false);
  const [verified, setVerified] = useState(person?.emailVerified ?? false);
  const [mail, setMail] = useState(true);
  const [busy, setBusy] = useState(false);

  const create = async (name: string, email: string) => {
    const made = await withProof(() => ask(client.admin.createUser({ name, email, ...(roles.length > 0 && { role: roles as never }), ...(verified && { data: { emailVerified: true } }) })));
    if (mail) await ask(client.requestPasswordReset({ email, redirectTo: "/auth/reset-password" })).catch((fault) => toast({ tone: "error", text: say(fault) }));
    return made.user.id;
  };
  const change = async (one: Person, name: string, email: string) => {
    const data = { ...(name !== one.name && { name }), ...(email !== one.email && { email }), ...(verified !== one.emailVerified && { emailVerified: verified }) };
    if (Object.keys(data).length > 0) await withProof(() => ask(client.admin.updateUser({ userId: one.id, data })));
    return one.id;
  };
  const submit = async (form: FormData) => {
    const name = String(form.get("name")).trim();
    const email = String(form.get("email")).trim();
    if (!/^[^@\s]+@[^@\s]+$/.test(email)) return setWrong(true);
    setBusy(true);
    setError("");
    try {
      const id = person ? await change(person, name, email) : await create(name, email);
      toast({ text: person ? t("done.saved") : t("done.created", { name: name || email }) });
      void queries.invalidateQueries({ queryKey: ["users", "list"] });
      void queries.invalidateQueries({ queryKey: ["user", id] });
      onClose();
      onDone(id);
    } catch (fault) {
      setBusy(false);
      setError(fault instanceof Refusal && fault.code.startsWith("USER_ALREADY_EXISTS") ? t("create.taken") : say(fault));
    }
  };
  return (
    <Ask title={person ? t("edit.title") : t("create.title")} go={person ? t("edit.go") : t("create.go")} busy={busy} error={error} onClose={onClose} onSubmit={(form) => void submit(form)}>
      <Field label={t("person.name")}>{(wiring) => <Input {...wiring} name="name" defaultValue={person?.name} maxLength={200} autoComplete="off" autoFocus />}</Field>
      <Field label={t("person.email")} error={wrong ? t("emailWrong") : undefined}>
        {(wiring) => <Input {...wiring} type="email" name="email" defaultValue={person?.email} autoComplete="off" onChange={() => setWrong(false)} />}
      </Field>
      <div>
        <Check checked={verified} onChange={setVerified}>
          {t("person.verified")}
        </Check>
        {!person && (
          <Check checked={mail} onChange={setMail}>
            {t("create.mail")}
          </Check>
        )}
      </div>
      {!person && <RolesField value={roles} onChange={setRoles} />}
    </Ask>
  );
}
