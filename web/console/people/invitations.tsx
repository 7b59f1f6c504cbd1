// Invitations: for one address, by mail, or as a link for several people.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import "./texts";
import { useState } from "react";
import { Alert } from "ui/alert";
import { Badge, type BadgeTone } from "ui/badge";
import { Button } from "ui/button";
import { Drawer } from "ui/drawer";
import { Field } from "ui/field";
import { useTexts } from "ui/i18n";
import { Input } from "ui/input";
import { Select } from "ui/select";
import { Time } from "ui/time";
import { toast } from "ui/toast";
import { boot } from "ui/boot";
import { Choice } from "../choice";
import { withProof } from "../proof";
import { PageHead } from "../shell";
import { Empty, Waiting } from "../states";
import { invitations, invite, revokeInvitation, type Invitation } from "./api";
import { Ask, useRoles } from "./dialogs";
import { Fault, useFault } from "./fault";
import { Link2, MailPlus, Plus } from "./icons";

type State = "open" | "used" | "expired" | "revoked";
const tones: Record<State, BadgeTone> = { open: "success", used: "neutral", expired: "warning", revoked: "error" };

function stateOf(each: Invitation): State {
  if (each.revokedAt) return "revoked";
  if (each.uses >= each.maxUses) return "used";
  return Date.parse(each.expiresAt) < Date.now() ? "expired" : "open";
}

export function Invitations() {
  const t = useTexts("people");
  const c = useTexts("console");
  const say = useFault();
  const queries = useQueryClient();
  const [making, setMaking] = useState(false);
  const [link, setLink] = useState("");
  const found = useInfiniteQuery({
    queryKey: ["invitations"],
    queryFn: ({ pageParam, signal }) => invitations(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const revoke = useMutation({
    mutationFn: (id: string) => withProof(() => revokeInvitation(id)),
    onSuccess: () => {
      toast({ text: t("invite.revoked") });
      void queries.invalidateQueries({ queryKey: ["invitations"] });
    },
    onError: (fault) => toast({ tone: "error", text: say(fault) }),
  });
  const rows = found.data?.pages.flatMap((page) => page.invitations) ?? [];
  const create = (
    <Button size="medium" onClick={() => setMaking(true)}>
      <Plus aria-hidden="true" className="size-4" />
      {t("invite.new")}
    </Button>
  );
  return (
    <>
      <PageHead title={c("nav.invitations")}>{rows.length > 0 && create}</PageHead>
      {boot.registration.mode === "closed" && (
        <div className="mb-4">
          <Alert tone="warning">{t("invite.closed")}</Alert>
        </div>
      )}
      {found.isError && rows.length === 0 ? (
        <Fault fault={found.error} again={() => void found.refetch()} />
      ) : (
        <div className="rounded-card border bg-card">
          {!found.data ? (
            <Waiting />
          ) : rows.length === 0 ? (
            <Empty icon={MailPlus} title={t("invite.none")}>
              <p className="mb-4">{t("invite.noneLead")}</p>
              {create}
            </Empty>
          ) : (
            <ul className="divide-y">
              {rows.map((each) => {
                const state = stateOf(each);
                const Sign = each.email ? MailPlus : Link2;
                return (
                  <li key={each.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                    <Sign aria-hidden="true" className="size-4.5 shrink-0 text-muted-foreground" />
                    <div className="min-w-0 grow basis-48">
                      <p className="truncate text-sm font-medium">{each.email ? <bdi>{each.email}</bdi> : t("invite.link")}</p>
                      <p className="text-dense text-muted-foreground">
                        {t("invite.uses", { uses: each.uses, max: each.maxUses })}
                        {each.role && (
                          <>
                            {" · "}
                            <bdi>{each.role}</bdi>
                          </>
                        )}
                        {" · "}
                        {state === "open" ? t("invite.until") : t("invite.made")} <Time at={state === "open" ? each.expiresAt : each.createdAt} />
                      </p>
                    </div>
                    <Badge tone={tones[state]}>{t(`invite.state.${state}`)}</Badge>
                    <span className="grid w-28 justify-items-end">
                      {state === "open" && (
                        <Button look="secondary" size="small" busy={revoke.isPending && revoke.variables === each.id} onClick={() => revoke.mutate(each.id)}>
                          {t("invite.revoke")}
                        </Button>
                      )}
                    </span>
                  </li>
                );
              })}
            </ul>
          )}
        </div>
      )}
      {found.hasNextPage && (
        <div className="mt-4 text-center">
          <Button look="secondary" size="medium" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {t("showMore")}
          </Button>
        </div>
      )}
      {making && <InviteDialog onClose={() => setMaking(false)} onLink={setLink} />}
      {link && <LinkDialog link={link} onClose={() => setLink("")} />}
    </>
  );
}

const lives = { day: 86_400, week: 604_800, month: 2_592_000 };

function InviteDialog({ onClose, onLink }: { onClose: () => void; onLink: (link: string) => void }) {
  const t = useTexts("people");
  const say = useFault();
  const queries = useQueryClient();
  const roles = useRoles();
  const [kind, setKind] = useState<"mail" | "link">("mail");
  const [wrong, setWrong] = useState(false);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (form: FormData) => {
    const email = String(form.get("email") ?? "").trim();
    if (kind === "mail" && !/^[^@\s]+@[^@\s]+$/.test(email)) return setWrong(true);
    setBusy(true);
    try {
      const role = String(form.get("role"));
      const expiresIn = lives[String(form.get("life")) as keyof typeof lives];
      const made = await withProof(() => invite({ ...(kind === "mail" ? { email, sendEmail: true } : { maxUses: Math.max(1, Number(form.get("uses")) || 1) }), ...(role && { role }), expiresIn }));
      void queries.invalidateQueries({ queryKey: ["invitations"] });
      onClose();
      if (made.url) onLink(made.url);
      else toast({ text: t("invite.sent", { email }) });
    } catch (fault) {
      setBusy(false);
      setError(say(fault));
    }
  };
  return (
    <Ask title={t("invite.title")} go={kind === "mail" ? t("invite.send") : t("invite.make")} busy={busy} error={error} onClose={onClose} onSubmit={(form) => void submit(form)}>
      <Choice label={t("invite.kind")} value={kind} options={[{ value: "mail", label: t("invite.byMail") }, { value: "link", label: t("invite.byLink") }]} onChange={setKind} />
      {kind === "mail" ? (
        <Field label={t("person.email")} hint={t("invite.mailHint")} error={wrong ? t("emailWrong") : undefined}>
          {(wiring) => <Input {...wiring} type="email" name="email" autoComplete="off" onChange={() => setWrong(false)} />}
        </Field>
      ) : (
        <Field label={t("invite.maxUses")} hint={t("invite.linkHint")}>
          {(wiring) => <Input {...wiring} type="number" name="uses" min={1} max={100000} defaultValue={1} />}
        </Field>
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("invite.role")}>
          {(wiring) => (
            <Select {...wiring} name="role">
              <option value="">{t("invite.defaultRole")}</option>
              {roles.data?.roles.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t("invite.life")}>
          {(wiring) => (
            <Select {...wiring} name="life" defaultValue="week">
              {(["day", "week", "month"] as const).map((each) => (
                <option key={each} value={each}>
                  {t(`ban.term.${each}`)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </Ask>
  );
}

// LinkDialog shows a link the only time that anybody sees it.
function LinkDialog({ link, onClose }: { link: string; onClose: () => void }) {
  const t = useTexts("people");
  const [copied, setCopied] = useState(false);
  return (
    <Drawer middle title={t("invite.linkTitle")} onClose={onClose}>
      <div className="grid gap-4 pb-1">
        <Alert tone="warning">{t("invite.once")}</Alert>
        <Input readOnly dir="ltr" aria-label={t("invite.link")} value={link} onFocus={(event) => event.target.select()} className="font-mono sm:text-dense" />
        <div className="flex justify-end gap-2">
          <Button look={copied ? "secondary" : "primary"} size="medium" autoFocus onClick={() => void navigator.clipboard.writeText(link).then(() => setCopied(true))}>
            {copied ? t("copied") : t("copy")}
          </Button>
          <Button look={copied ? "primary" : "secondary"} size="medium" onClick={onClose}>
            {t("close")}
          </Button>
        </div>
      </div>
    </Drawer>
  );
}
