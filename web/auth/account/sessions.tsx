import { useState } from "react";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { announce } from "ui/live";
import { client, faultText, type Fault } from "../client";
import { DeviceIcon, useDeviceName } from "./device-name";
import { Badge, Dotted, Head, Row, Rows, Section, Unread, Waiting } from "./layout";
import { useMe, type Session } from "./me";
import { Confirm, told, useProof } from "./proof";
import { useResource } from "./resource";
import { When } from "./when";

const newest = (x: Session, y: Session) => +new Date(y.updatedAt) - +new Date(x.updatedAt);

export function Sessions() {
  const t = useTexts("account");
  const name = useDeviceName();
  const { session: own } = useMe();
  const proof = useProof();
  const list = useResource(() => proof.run(() => client.listSessions()));
  const [busy, setBusy] = useState("");
  const [fault, setFault] = useState<Fault | null>(null);
  const here = list.data?.filter((session) => session.id === own.id) ?? [];
  const others = (list.data?.filter((session) => session.id !== own.id) ?? []).sort(newest);

  const end = async (which: string, call: () => Promise<{ data: unknown; error: Fault | null }>, said: string) => {
    setBusy(which);
    setFault(null);
    const { error } = await proof.run(call);
    setFault(told(error));
    if (!error) {
      await list.reload();
      announce(said);
    }
    setBusy("");
  };

  const row = (session: Session, current: boolean) => (
    <Row
      key={session.id}
      icon={<DeviceIcon agent={session.userAgent} className="size-4.5" />}
      title={<span title={session.userAgent ?? undefined}>{name(session.userAgent)}</span>}
      badge={current && <Badge tone="success">{t("sessions.this")}</Badge>}
      action={
        !current && (
          <Button
            look="secondary"
            size="small"
            busy={busy === session.id}
            aria-label={t("sessions.endOne", { device: name(session.userAgent) })}
            onClick={() => void end(session.id, () => client.revokeSession({ token: session.token }), t("sessions.ended", { device: name(session.userAgent) }))}
          >
            {t("signOut")}
          </Button>
        )
      }
    >
      <Dotted
        items={[
          session.ipAddress,
          current ? t("sessions.now") : t.rich("sessions.seen", { when: <When at={session.updatedAt} /> }),
          t.rich("sessions.since", { date: <When at={session.createdAt} exact="date" /> }),
        ]}
      />
    </Row>
  );

  return (
    <>
      <Head title={t("sessions.title")} lead={t("sessions.lead")} />
      <Confirm proof={proof} why={t("sessions.why")} />
      {fault && <Alert tone="error">{faultText(t, fault)}</Alert>}
      {told(list.fault ?? null) && !list.data ? (
        <Section title={t("sessions.list")} flush>
          <Unread fault={list.fault!} retry={list.reload} />
        </Section>
      ) : !list.data && !list.fault ? (
        !proof.demand && (
          <Section title={t("sessions.list")} flush>
            <Waiting />
          </Section>
        )
      ) : !list.data ? (
        <Section title={t("sessions.list")} lead={t("sessions.hidden")}>
          <Button look="secondary" size="medium" className="justify-self-start" onClick={() => void list.reload()}>
            {t("sessions.show")}
          </Button>
        </Section>
      ) : (
        <Section
          flush
          title={t("sessions.list")}
          lead={others.length > 0 ? t("sessions.count", { count: others.length }) : t("sessions.alone")}
          aside={
            others.length > 0 && (
              <Button look="destructive" size="small" busy={busy === "all"} onClick={() => void end("all", () => client.revokeOtherSessions(), t("sessions.endedAll"))}>
                {t("sessions.endAll")}
              </Button>
            )
          }
        >
          <Rows label={t("sessions.list")}>
            {here.map((session) => row(session, true))}
            {others.map((session) => row(session, false))}
          </Rows>
        </Section>
      )}
    </>
  );
}
