// Every option with its value and where it comes from. Nothing is changed here:
// the page says which file or variable to change.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useId, useState } from "react";
import { Badge, type BadgeTone } from "ui/badge";
import { Card } from "ui/card";
import { useTexts } from "ui/i18n";
import { Info, LockKeyhole, Settings as Gear } from "ui/icons";
import { Input } from "ui/input";
import { settings, type Origin, type Setting } from "../api";
import { Choice } from "../choice";
import { CopyButton } from "../copy-button";
import { PageHead } from "../shell";
import { Empty, Fault, Waiting } from "../states";
import "../system-texts";

const tones: Record<Origin, BadgeTone> = { default: "neutral", file: "info", env: "success", flag: "warning" };

export interface SettingsSearch {
  find?: string;
  only?: "set";
}

export function settingsSearch(given: Record<string, unknown>): SettingsSearch {
  return { ...(given.find ? { find: String(given.find) } : {}), ...(given.only === "set" ? { only: "set" as const } : {}) };
}

export function Settings() {
  const t = useTexts("system");
  const { find = "", only } = settingsSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const show = (search: SettingsSearch) => void navigate({ to: "/settings" as never, search: settingsSearch({ ...search }) as never, replace: true });
  const { data, error, refetch } = useQuery({ queryKey: ["settings"], queryFn: ({ signal }) => settings(signal), staleTime: 60_000 });
  const wanted = useDeferredValue(find.trim().toLowerCase());
  const found = data?.settings.filter(
    (each) => (only !== "set" || each.source !== "default") && (wanted === "" || `${each.path} ${variable(each.path)} ${each.secret ? "" : shown(each.value)}`.toLowerCase().includes(wanted)),
  );
  return (
    <>
      <PageHead title={t("settings.title")} />
      <p className="-mt-4 mb-5 text-sm text-muted-foreground">
        {data?.file ? t.rich("settings.lead", { file: <code className="font-mono text-dense wrap-anywhere">{data.file}</code> }) : t("settings.leadNoFile")}
      </p>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <search className="min-w-0 grow sm:max-w-80">
          <Input type="search" value={find} onChange={({ target }) => show({ find: target.value, only })} aria-label={t("settings.find")} placeholder={t("settings.find")} className="h-9! sm:text-sm pointer-coarse:h-11!" />
        </search>
        <Choice
          label={t("settings.which")}
          value={only ?? "all"}
          onChange={(next) => show({ find, only: next === "set" ? "set" : undefined })}
          options={[
            { value: "all", label: t("settings.all") },
            { value: "set", label: t("settings.set") },
          ]}
        />
        {found && (
          <p role="status" className="text-dense text-muted-foreground">
            {t("settings.count", { count: found.length })}
          </p>
        )}
      </div>
      {error ? (
        <Fault fault={error} again={() => void refetch()} />
      ) : !found ? (
        <Card>
          <Waiting rows={12} />
        </Card>
      ) : found.length === 0 ? (
        <Card>
          <Empty icon={Gear} title={data!.settings.length === 0 ? t("settings.none") : t("settings.noneFound")}>
            {data!.settings.length === 0 ? t("settings.noneDo") : t("settings.noneFoundDo")}
          </Empty>
        </Card>
      ) : (
        <Groups settings={found} file={data!.file} />
      )}
    </>
  );
}

// groupOf is what an option belongs to: a plugin, or the first word of its path.
function groupOf(path: string): string {
  const parts = path.split(".");
  if (parts.length === 1) return "";
  return parts[0] === "plugins" ? parts.slice(0, 2).join(".") : parts[0]!;
}

// variable is the environment variable of an option.
export const variable = (path: string) => "GATEHOUSE_" + path.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[.-]/g, "_").toUpperCase();

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Groups({ settings, file }: { settings: Setting[]; file: string | null }) {
  const t = useTexts("system");
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const group = groupOf(setting.path);
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  return (
    <div className="grid grid-cols-1 gap-4">
      {[...groups].map(([group, members]) => (
        <Card key={group} className="overflow-clip">
          <h2 className="border-b bg-muted px-4 py-2 text-sm sm:px-5">{group === "" ? t("settings.general") : <code className="font-mono">{group}</code>}</h2>
          <ul>
            {members.map((setting) => (
              <Row key={setting.path} setting={setting} group={group} file={file} />
            ))}
          </ul>
        </Card>
      ))}
    </div>
  );
}

function Row({ setting, group, file }: { setting: Setting; group: string; file: string | null }) {
  const t = useTexts("system");
  const id = useId();
  const [open, setOpen] = useState(false);
  const { path, source, secret, value } = setting;
  const name = group ? path.slice(group.length + 1) : path;
  return (
    <li className="border-t first:border-t-0">
      <div className="relative grid gap-x-4 gap-y-1 px-4 py-2.5 text-dense hover:bg-muted sm:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] sm:items-baseline sm:px-5">
        <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} className="text-start font-mono font-medium wrap-anywhere after:absolute after:inset-0">
          {name || path}
        </button>
        <Value setting={setting} />
        <span className="sm:w-28 sm:text-end">
          <Badge tone={tones[source]}>{t(`settings.source.${source}`)}</Badge>
        </span>
      </div>
      {open && (
        <div id={id} className="grid gap-2 border-t bg-canvas px-4 py-3 text-dense sm:px-5">
          {!secret && source !== "default" && (
            <p className="text-muted-foreground wrap-anywhere">
              {t("settings.default")} <code className="font-mono">{shown(setting.default) || t("settings.empty")}</code>
            </p>
          )}
          <p className="flex gap-2">
            <Info aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-info" />
            <span className="min-w-0 wrap-anywhere">
              {source === "env"
                ? t.rich("settings.changeEnv", { variable: <code className="font-mono">{variable(path)}</code> })
                : source === "flag"
                  ? t.rich("settings.changeFlag", { flag: <code className="font-mono">--set {path}=…</code> })
                  : t.rich(file ? "settings.changeFile" : "settings.changeAny", {
                      file: <code className="font-mono">{file}</code>,
                      path: <code className="font-mono">{path}</code>,
                      variable: <code className="font-mono">{variable(path)}</code>,
                    })}{" "}
              {t("settings.restart")}
            </span>
          </p>
          <div className="-ms-3 flex flex-wrap gap-1">
            <CopyButton text={path}>{t("settings.copyPath")}</CopyButton>
            <CopyButton text={variable(path)}>{t("settings.copyVariable")}</CopyButton>
            {!secret && shown(value) && <CopyButton text={shown(value)}>{t("settings.copyValue")}</CopyButton>}
          </div>
        </div>
      )}
    </li>
  );
}

function Value({ setting: { secret, value } }: { setting: Setting }) {
  const t = useTexts("system");
  if (secret) {
    return (
      <span className="inline-flex items-center gap-1.5 text-muted-foreground">
        <LockKeyhole aria-hidden="true" className="size-3.5 shrink-0" />
        {value === true ? t("settings.secretSet") : t("settings.secretNone")}
      </span>
    );
  }
  if (shown(value) === "") return <span className="text-muted-foreground">{t("settings.empty")}</span>;
  return <bdi className="font-mono wrap-anywhere">{shown(value)}</bdi>;
}
