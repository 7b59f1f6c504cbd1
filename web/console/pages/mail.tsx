// The outbox: what waits, what was sent, and what could not be delivered.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Badge, type BadgeTone } from "ui/badge";
import { Button } from "ui/button";
import { Card } from "ui/card";
import { cx } from "ui/cx";
import { useLanguage, useTexts } from "ui/i18n";
import { MailCheck } from "ui/icons";
import { Input } from "ui/input";
import { announce } from "ui/live";
import { Time } from "ui/time";
import { mails, retryMail, type Mail, type MailState } from "../api";
import { Choice } from "../choice";
import { PageHead } from "../shell";
import { Empty, Fault, Waiting } from "../states";
import "../system-texts";
import { MailPreview } from "./mail-preview";

export interface MailSearch {
  state?: MailState;
  recipient?: string;
}

const states: MailState[] = ["dead", "pending", "sent"];
const tones: Record<MailState, BadgeTone> = { dead: "error", pending: "info", sent: "success" };

export function mailSearch(given: Record<string, unknown>): MailSearch {
  const state = states.find((each) => each === given.state);
  return { ...(state && { state }), ...(given.recipient ? { recipient: String(given.recipient) } : {}) };
}

// useRetry gives a dead mail another round of attempts.
export function useRetry() {
  const t = useTexts("system");
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => retryMail(id),
    onSuccess: async () => {
      announce(t("mail.retried"));
      await queries.invalidateQueries({ queryKey: ["mail"] });
    },
  });
}

export function MailState({ state }: { state: MailState }) {
  const t = useTexts("system");
  return <Badge tone={tones[state]}>{t(`mail.state.${state}`)}</Badge>;
}

export function Outbox() {
  const t = useTexts("system");
  const { id: language } = useLanguage();
  const { state = "dead", recipient = "" } = mailSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const [shown, setShown] = useState<Mail | null>(null);
  const show = (search: MailSearch) => void navigate({ to: "/mail" as never, search: mailSearch({ ...search }) as never, replace: true });
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["mail", state, recipient],
    queryFn: ({ pageParam, signal }) => mails({ state, recipient, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const counts = data?.pages[0]?.counts;
  const label = (each: MailState) => {
    const count = each === "sent" ? undefined : counts?.[each];
    const number = count === undefined ? "" : new Intl.NumberFormat(language).format(count) + (count >= 1000 ? "+" : "");
    return (
      <>
        {t(`mail.state.${each}`)} {number && <span className="text-muted-foreground tabular-nums">{number}</span>}
      </>
    );
  };
  const all = data?.pages.flatMap((page) => page.mails) ?? [];
  return (
    <>
      <PageHead title={t("mail.title")} />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <Choice label={t("mail.state")} value={state} onChange={(next) => show({ state: next, recipient })} options={states.map((value) => ({ value, label: label(value) }))} />
        <form
          role="search"
          className="min-w-0 grow sm:max-w-72"
          onSubmit={(event) => {
            event.preventDefault();
            show({ state, recipient: String(new FormData(event.currentTarget).get("recipient")).trim() });
          }}
        >
          <Input key={recipient} name="recipient" type="search" defaultValue={recipient} aria-label={t("mail.recipient")} placeholder={t("mail.recipientFind")} className="h-9! sm:text-sm pointer-coarse:h-11!" />
        </form>
      </div>
      {error ? (
        <Fault fault={error} again={() => void refetch()} />
      ) : (
        <Card className="overflow-clip">
          {!data ? <Waiting rows={8} /> : all.length === 0 ? <Nothing state={state} recipient={recipient} /> : <Mails mails={all} state={state} onShow={setShown} />}
        </Card>
      )}
      {hasNextPage && (
        <div className="mt-4 text-center">
          <Button look="secondary" size="medium" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t("more")}
          </Button>
        </div>
      )}
      {shown && <MailPreview mail={shown} onClose={() => setShown(null)} />}
    </>
  );
}

function Nothing({ state, recipient }: Required<MailSearch>) {
  const t = useTexts("system");
  if (recipient) return <Empty icon={MailCheck} title={t("mail.noneFor")}>{t("mail.noneForDo")}</Empty>;
  return <Empty icon={MailCheck} title={t(`mail.none.${state}`)}>{t(`mail.noneDo.${state}`)}</Empty>;
}

function Mails({ mails, state, onShow }: { mails: Mail[]; state: MailState; onShow: (mail: Mail) => void }) {
  const t = useTexts("system");
  const retry = useRetry();
  const cell = "px-4 py-2.5 align-top";
  const head = "px-4 py-2 text-start font-medium";
  return (
    <table className="w-full table-fixed text-dense">
      <caption className="sr-only">{t("mail.title")}</caption>
      <thead className="border-b bg-muted text-muted-foreground">
        <tr>
          <th className={head}>{t("mail.recipient")}</th>
          <th className={cx(head, "hidden w-[34%] md:table-cell")}>{state === "sent" ? t("mail.attempts") : t("mail.why")}</th>
          <th className={cx(head, "hidden w-40 lg:table-cell")}>{state === "pending" ? t("mail.next") : state === "sent" ? t("mail.sentAt") : t("mail.createdAt")}</th>
          {state === "dead" && (
            <th className={cx(head, "w-36")}>
              <span className="sr-only">{t("mail.retry")}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {mails.map((mail) => (
          <tr key={mail.id} className="relative border-t first:border-t-0 hover:bg-muted">
            <th scope="row" className={cx(cell, "text-start font-normal")}>
              <button type="button" className="max-w-full text-start font-medium wrap-anywhere after:absolute after:inset-0 hover:underline" onClick={() => onShow(mail)}>
                <bdi>{mail.recipient}</bdi>
              </button>
              <span className="block font-mono text-xs text-muted-foreground wrap-anywhere">{mail.kind}</span>
              <span className="block text-muted-foreground wrap-anywhere md:hidden">
                <bdi>{mail.lastError}</bdi>
              </span>
            </th>
            <td className={cx(cell, "hidden md:table-cell")}>
              {mail.lastError && (
                <bdi className="line-clamp-2 wrap-anywhere" title={mail.lastError}>
                  {mail.lastError}
                </bdi>
              )}
              <span className="text-muted-foreground">{t("mail.tried", { count: mail.attempts })}</span>
            </td>
            <td className={cx(cell, "hidden text-muted-foreground lg:table-cell")}>
              <Time at={(state === "pending" ? mail.nextAttemptAt : mail.sentAt) ?? mail.createdAt} />
            </td>
            {state === "dead" && (
              <td className={cx(cell, "text-end")}>
                <Button
                  look="secondary"
                  size="small"
                  className="z-1"
                  busy={retry.isPending && retry.variables === mail.id}
                  aria-label={t("mail.retryTo", { email: mail.recipient })}
                  onClick={() => retry.mutate(mail.id)}
                >
                  {t("mail.retry")}
                </Button>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
