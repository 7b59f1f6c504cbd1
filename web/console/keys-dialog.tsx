import "./people/texts";
import { Drawer } from "ui/drawer";
import { useTexts, type Key } from "ui/i18n";

const mac = /Mac|iP(hone|ad)/.test(navigator.userAgent);

const all: [Key<"people">, string[]][] = [
  ["keys.palette", [mac ? "⌘" : "Ctrl", "K"]],
  ["keys.help", ["?"]],
  ["keys.search", ["/"]],
  ["keys.go.users", ["G", "U"]],
  ["keys.go.approvals", ["G", "A"]],
  ["keys.go.sessions", ["G", "S"]],
  ["keys.next", ["J"]],
  ["keys.before", ["K"]],
  ["keys.choose", ["X"]],
  ["keys.new", ["N"]],
  ["keys.approve", ["A"]],
  ["keys.reject", ["R"]],
  ["keys.close", ["Esc"]],
];

export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const t = useTexts("people");
  return (
    <Drawer middle title={t("keys.title")} onClose={onClose}>
      <dl className="grid gap-2.5 pb-1 text-sm">
        {all.map(([label, keys]) => (
          <div key={label} className="flex items-center justify-between gap-4">
            <dt>{t(label)}</dt>
            <dd className="flex gap-1" dir="ltr">
              {keys.map((key) => (
                <kbd key={key} className="min-w-6 rounded-[0.25rem] border bg-muted px-1.5 py-0.5 text-center font-sans text-xs">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Drawer>
  );
}
