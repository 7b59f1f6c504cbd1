// One entry of the audit log: everything in it, and what changed since the same
// was done to the same target before.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "ui/button";
import { Drawer } from "ui/drawer";
import { useTexts } from "ui/i18n";
import { Time } from "ui/time";
import { auditEntries, type AuditFilters, type Entry } from "../api";
import { CopyButton } from "../copy-button";
import { Actor } from "./audit";
import { changes, shown, type Details } from "./audit-change";
import { Outcome } from "./outcome";

interface Props {
  entry: Entry;
  onFilter: (filters: AuditFilters) => void;
  onClose: () => void;
}

export function AuditEntry({ entry, onFilter, onClose }: Props) {
  const t = useTexts("system");
  return (
    <Drawer
      title={<code className="font-mono text-base">{entry.action}</code>}
      onClose={onClose}
      foot={
        <>
          {entry.actor && (
            <Button look="secondary" size="small" onClick={() => onFilter({ actor: entry.actor })}>
              {t("audit.sameActor")}
            </Button>
          )}
          {entry.target && (
            <Button look="secondary" size="small" onClick={() => onFilter({ target: entry.target })}>
              {t("audit.sameTarget")}
            </Button>
          )}
          <CopyButton text={JSON.stringify(entry, null, 2)}>{t("audit.copyJSON")}</CopyButton>
        </>
      }
    >
      <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-2.5 text-sm">
        <Row name={t("audit.outcome")}>
          <Outcome outcome={entry.outcome} />
        </Row>
        <Row name={t("audit.time")}>
          <Time at={entry.time} full />
        </Row>
        <Row name={t("audit.actor")}>
          <Actor entry={entry} />
        </Row>
        {entry.impersonator && (
          <Row name={t("audit.impersonator")}>
            <Code>{entry.impersonator}</Code>
          </Row>
        )}
        {entry.target && (
          <Row name={t("audit.target")}>
            <Code>{`${entry.targetType} ${entry.target}`.trim()}</Code>
            {entry.targetType === "user" && (
              <a href={`/admin/users/${encodeURIComponent(entry.target)}`} className="link ms-2 text-dense">
                {t("audit.openUser")}
              </a>
            )}
          </Row>
        )}
        {entry.address && (
          <Row name={t("audit.address")}>
            <Code>{entry.address}</Code>
          </Row>
        )}
        {entry.userAgent && (
          <Row name={t("audit.userAgent")}>
            <bdi className="wrap-anywhere">{entry.userAgent}</bdi>
          </Row>
        )}
        {entry.requestId && (
          <Row name={t("audit.request")}>
            <Code>{entry.requestId}</Code>
          </Row>
        )}
        <Row name={t("audit.place")}>{entry.seq === null ? t("audit.noPlace") : <span className="tabular-nums">{entry.seq}</span>}</Row>
      </dl>
      <Change entry={entry} />
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

const Code = ({ children }: { children: string }) => <bdi className="font-mono text-dense wrap-anywhere">{children}</bdi>;

// Change compares with the entry before, where a state is set again and again.
function Change({ entry }: { entry: Entry }) {
  const t = useTexts("system");
  const details = (entry.details ?? {}) as Details;
  const states = /^user\.(role|ban)$/.test(entry.action) && entry.target !== "";
  const before = useQuery({
    queryKey: ["audit-before", entry.id],
    queryFn: async ({ signal }) => (await auditEntries({ action: entry.action, target: entry.target, to: entry.time, limit: 1 }, signal)).entries[0] ?? null,
    enabled: states,
    staleTime: Infinity,
  });
  const rows = changes(details, (before.data?.details ?? undefined) as Details | undefined);
  if (rows.length === 0) return null;
  const compared = rows.some((row) => row.before !== undefined);
  return (
    <section className="mt-6">
      <h3 className="mb-2 text-sm">{compared ? t("audit.changed") : t("audit.details")}</h3>
      <div className="overflow-clip rounded-control border text-dense">
        {rows.map((row) => (
          <div key={row.name} className="border-t first:border-t-0">
            <p className="bg-muted px-3 py-1 font-mono text-xs text-muted-foreground wrap-anywhere">
              <bdi>{row.name}</bdi>
            </p>
            {row.before !== undefined && (
              <p className="flex gap-2 px-3 py-1">
                <span aria-hidden="true" className="font-mono text-destructive">−</span>
                <span className="sr-only">{t("audit.before")}</span>
                <del className="min-w-0 font-mono whitespace-pre-wrap text-muted-foreground wrap-anywhere"><bdi>{shown(row.before)}</bdi></del>
              </p>
            )}
            <p className="flex gap-2 px-3 py-1">
              {compared && row.before !== undefined && <span aria-hidden="true" className="font-mono text-success">+</span>}
              {row.before !== undefined && <span className="sr-only">{t("audit.after")}</span>}
              <span className="min-w-0 font-mono whitespace-pre-wrap wrap-anywhere"><bdi>{shown(row.after)}</bdi></span>
            </p>
          </div>
        ))}
      </div>
    </section>
  );
}
