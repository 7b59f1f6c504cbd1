// One mail: what became of it, and what it says, as text and as HTML.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Drawer } from "ui/drawer";
import { useTexts } from "ui/i18n";
import { Time } from "ui/time";
import { mail as oneMail, mailFrame, type Mail, type MailDetail } from "../api";
import { Choice } from "../choice";
import { Fault, Waiting } from "../states";
import { MailState, useRetry } from "./mail";

export function MailPreview({ mail: listed, onClose }: { mail: Mail; onClose: () => void }) {
  const t = useTexts("system");
  const retry = useRetry();
  const { data, error, refetch } = useQuery({ queryKey: ["mail", "one", listed.id], queryFn: ({ signal }) => oneMail(listed.id, signal) });
  const mail = data?.mail ?? listed;
  return (
    <Drawer
      title={<bdi>{data?.preview?.subject ?? mail.recipient}</bdi>}
      onClose={onClose}
      foot={
        mail.state === "dead" && (
          <Button size="medium" busy={retry.isPending} onClick={() => retry.mutate(mail.id)}>
            {t("mail.retry")}
          </Button>
        )
      }
    >
      <div className="grid gap-5 text-sm">
        {retry.error && <Fault fault={retry.error} />}
        {mail.state === "dead" && (
          <Alert tone="error">
            <p className="font-medium">{t("mail.gaveUp", { count: mail.attempts })}</p>
            <bdi className="block font-mono text-dense">{mail.lastError}</bdi>
          </Alert>
        )}
        <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-2">
          <Row name={t("mail.state")}>
            <MailState state={mail.state} />
          </Row>
          <Row name={t("mail.recipient")}>
            <bdi className="wrap-anywhere">{mail.recipient}</bdi>
          </Row>
          <Row name={t("mail.kind")}>
            <code className="font-mono text-dense wrap-anywhere">{mail.kind}</code>
          </Row>
          <Row name={t("mail.createdAt")}>
            <Time at={mail.createdAt} full />
          </Row>
          {mail.sentAt && (
            <Row name={t("mail.sentAt")}>
              <Time at={mail.sentAt} full />
            </Row>
          )}
          {mail.nextAttemptAt && (
            <Row name={t("mail.next")}>
              <Time at={mail.nextAttemptAt} full />
            </Row>
          )}
          <Row name={t("mail.attempts")}>{mail.attempts}</Row>
          {mail.state === "pending" && mail.lastError && (
            <Row name={t("mail.why")}>
              <bdi className="font-mono text-dense wrap-anywhere">{mail.lastError}</bdi>
            </Row>
          )}
        </dl>
        {error ? <Fault fault={error} again={() => void refetch()} /> : data ? <Preview detail={data} /> : <Waiting rows={8} />}
      </div>
    </Drawer>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}

function Preview({ detail: { mail, preview, withheld } }: { detail: MailDetail }) {
  const t = useTexts("system");
  const [part, setPart] = useState<"html" | "text">("html");
  if (!preview) return <Alert>{t(`mail.withheld.${withheld ?? "unreadable"}`)}</Alert>;
  return (
    <section className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm">{t("mail.preview")}</h3>
        <Choice
          label={t("mail.preview")}
          value={part}
          onChange={setPart}
          options={[
            { value: "html", label: "HTML" },
            { value: "text", label: t("mail.text") },
          ]}
        />
      </div>
      {part === "html" ? (
        // Sandboxed without any right: no script, no form, no way out, and the
        // frame's own policy loads nothing.
        <iframe title={preview.subject} sandbox="" src={mailFrame(mail.id)} className="h-[60dvh] w-full rounded-control border bg-background" />
      ) : (
        <pre dir="auto" className="rounded-control border bg-muted p-4 font-mono text-dense whitespace-pre-wrap wrap-anywhere">{preview.text}</pre>
      )}
      <p className="text-dense text-muted-foreground">{t("mail.redacted")}</p>
    </section>
  );
}
