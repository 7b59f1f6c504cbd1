import { useState } from "react";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { useLanguage, useTexts } from "ui/i18n";
import { CircleCheck } from "ui/icons";
import { announce } from "ui/live";
import { ask, client, faultText, type Fault } from "../client";
import { useDeviceName } from "./device-name";
import { History, ShieldAlert } from "./icons";
import { Badge, Dotted, Head, Row, Rows, Section, Unread, Waiting } from "./layout";
import { useResource } from "./resource";
import { When } from "./when";

interface Entry {
  id: string;
  time: string;
  action: string;
  outcome: string;
  by: "self" | "other" | "system" | "unknown";
  about: "own" | "other";
  address: string;
  userAgent: string;
  details: { method?: string; provider?: string };
}

interface Page {
  entries: Entry[];
  next: string;
}

const read = (after = "") => client.$fetch<Page>("/account/activity", { query: { limit: 25, ...(after && { after }) } }) as Promise<{ data: Page | null; error: Fault | null }>;

export function Activity() {
  const t = useTexts("account");
  const { id: language } = useLanguage();
  const first = useResource(() => read());
  const [more, setMore] = useState<Page[]>([]);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const pages = first.data ? [first.data, ...more] : [];
  const next = pages.at(-1)?.next;

  const load = async () => {
    setBusy(true);
    setFault(null);
    const { data, error } = await ask(read(next));
    setBusy(false);
    setFault(error);
    if (!data) return;
    setMore([...more, data]);
    announce(t("activity.loaded", { count: data.entries.length }));
  };

  const day = new Intl.DateTimeFormat(language, { dateStyle: "full" });
  const days = new Map<string, Entry[]>();
  for (const entry of pages.flatMap((page) => page.entries)) {
    const name = day.format(new Date(entry.time));
    days.set(name, [...(days.get(name) ?? []), entry]);
  }
  return (
    <>
      <Head title={t("activity.title")} lead={t("activity.lead")} />
      {first.data ? (
        <>
          {days.size === 0 && <Section title={t("activity.none")} lead={t("activity.noneLead")} />}
          {[...days].map(([name, entries]) => (
            <Section key={name} title={name} flush>
              <Rows label={name}>
                {entries.map((entry) => (
                  <Event key={entry.id} entry={entry} />
                ))}
              </Rows>
            </Section>
          ))}
          {fault && <Alert tone="error">{faultText(t, fault)}</Alert>}
          {next && (
            <Button look="secondary" size="medium" busy={busy} className="justify-self-center" onClick={() => void load()}>
              {t("activity.more")}
            </Button>
          )}
        </>
      ) : (
        <Section title={t("activity.recent")} flush>
          {first.fault ? <Unread fault={first.fault} retry={first.reload} /> : <Waiting />}
        </Section>
      )}
    </>
  );
}

function Event({ entry }: { entry: Entry }) {
  const t = useTexts("account");
  const device = useDeviceName();
  const good = entry.outcome === "success";
  const key = t.known(`event.${entry.action}`);
  const method = entry.details.provider ?? entry.details.method ?? "";
  const known = t.known(`method.${method}`);
  const failed = !good && !entry.action.endsWith(".fail");
  return (
    <Row
      icon={
        !good ? (
          <ShieldAlert aria-hidden="true" className="size-4.5 text-warning" />
        ) : entry.action === "session.create" ? (
          <CircleCheck aria-hidden="true" className="size-4.5 text-success" />
        ) : (
          <History aria-hidden="true" className="size-4.5" />
        )
      }
      title={key ? t(key) : entry.action}
      badge={
        <>
          {failed && <Badge tone="warning">{t("activity.refused")}</Badge>}
          {entry.about === "other" && <Badge>{t("activity.aboutOther")}</Badge>}
        </>
      }
    >
      <Dotted
        items={[
          <When at={entry.time} exact="time" />,
          entry.by === "other" && t("activity.byOther"),
          entry.by === "unknown" && t("activity.byUnknown"),
          entry.userAgent && <span title={entry.userAgent}>{device(entry.userAgent)}</span>,
          entry.address,
          known ? t(known) : method,
        ]}
      />
    </Row>
  );
}
