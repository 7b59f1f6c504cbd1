// What is not yet safe or finished on this server, and how to mend it.
import { Card } from "ui/card";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { CircleCheck, Info, TriangleAlert } from "ui/icons";
import type { Finding } from "../api";
import { Waiting } from "../states";

const signs = {
  unsafe: { icon: TriangleAlert, colour: "text-destructive" },
  look: { icon: Info, colour: "text-warning" },
  ok: { icon: CircleCheck, colour: "text-success" },
};

export function Checklist({ findings }: { findings: Finding[] | undefined }) {
  const t = useTexts("system");
  const open = findings?.filter(({ status }) => status !== "ok").sort((a, b) => b.status.localeCompare(a.status));
  const passed = findings?.filter(({ status }) => status === "ok") ?? [];
  return (
    <Card className="min-w-0 self-start">
      <div className="px-5 pt-4 pb-3">
        <h2 className="text-base">{t("checklist.title")}</h2>
        {open && <p className="mt-0.5 text-dense text-muted-foreground">{open.length > 0 ? t("checklist.open", { count: open.length }) : t("checklist.done")}</p>}
      </div>
      {!open ? (
        <Waiting />
      ) : (
        <>
          <ul>
            {open.map((finding) => (
              <Item key={finding.id + finding.message} finding={finding} />
            ))}
          </ul>
          {passed.length > 0 && (
            <details className="border-t text-sm">
              <summary className="cursor-pointer px-5 py-3 text-dense text-muted-foreground hover:text-foreground">{t("checklist.passed", { count: passed.length })}</summary>
              <ul>
                {passed.map((finding) => (
                  <Item key={finding.id + finding.message} finding={finding} />
                ))}
              </ul>
            </details>
          )}
        </>
      )}
    </Card>
  );
}

function Item({ finding: { id, status, message, fix } }: { finding: Finding }) {
  const t = useTexts("system");
  const { icon: Sign, colour } = signs[status];
  return (
    <li className="flex gap-3 border-t px-5 py-3 text-sm">
      <Sign aria-hidden="true" className={cx("mt-0.5 size-4 shrink-0", colour)} />
      <div className="min-w-0 wrap-anywhere" dir="auto">
        <p>
          <span className="sr-only">{t(`checklist.${status}`)}: </span>
          <span className="font-mono text-dense text-muted-foreground">{id}</span> · {message}
        </p>
        {fix && <p className="mt-1 text-dense text-muted-foreground">{fix}</p>}
      </div>
    </li>
  );
}
