// The command palette: pages of the console, and people by the beginning of
// their address or name.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import "./people/texts";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { useTexts } from "ui/i18n";
import { users as readUsers } from "./api";
import { usePlaces } from "./nav";
import { Search } from "./people/icons";
import { Avatar } from "./shell";

const item = "flex min-h-10 cursor-pointer items-center gap-2.5 rounded-control px-2.5 text-sm data-[selected=true]:bg-muted pointer-coarse:min-h-11";
const group = "p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted-foreground";

export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useTexts("people");
  const c = useTexts("console");
  const navigate = useNavigate();
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const search = useDeferredValue(typed.trim());
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const { current } = dialog;
    current?.showModal();
    return () => {
      current?.close();
      before?.focus();
    };
  }, []);
  const found = useQuery({
    queryKey: ["palette", search],
    queryFn: async ({ signal }) => {
      const [byEmail, byName] = await Promise.all((["email", "name"] as const).map((searchField) => readUsers({ search, searchField, limit: 6, count: false }, signal)));
      return [...new Map([...byEmail!.users, ...byName!.users].map((each) => [each.id, each])).values()].slice(0, 8);
    },
    enabled: search.length > 0,
    staleTime: 10_000,
  });
  const go = (to: string, query: object = {}) => {
    onClose();
    void navigate({ to: to as "/users", search: query });
  };
  const pages = usePlaces().filter(({ label }) => c(label).toLocaleLowerCase().includes(search.toLocaleLowerCase()));
  // The first of what is found is selected, also when it comes late.
  const first = pages[0] ? `page ${pages[0].to}` : found.data?.[0] ? `user ${found.data[0].id}` : "";
  const [selected, setSelected] = useState(first);
  useEffect(() => setSelected(first), [first]);
  return (
    <dialog
      ref={dialog}
      aria-label={t("palette.label")}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      className="fixed inset-0 mx-auto mt-[12dvh] h-fit max-h-[70dvh] w-[calc(100%-2rem)] max-w-140 overflow-hidden rounded-dialog border bg-card text-foreground shadow-float backdrop:bg-[rgb(8_10_15/0.5)]"
    >
      <Command label={t("palette.label")} shouldFilter={false} loop value={selected} onValueChange={setSelected}>
        <div className="flex items-center gap-2.5 border-b px-4">
          <Search aria-hidden="true" className="size-4.5 shrink-0 text-muted-foreground" />
          <Command.Input autoFocus value={typed} onValueChange={setTyped} placeholder={t("palette.placeholder")} className="h-12 w-full bg-transparent text-base outline-none placeholder:text-muted-foreground" />
        </div>
        <Command.List className="max-h-[50dvh] overflow-y-auto">
          {pages.length > 0 && (
            <Command.Group heading={t("palette.pages")} className={group}>
              {pages.map(({ to, label, icon: Sign }) => (
                <Command.Item key={to} value={`page ${to}`} onSelect={() => go(to)} className={item}>
                  <Sign aria-hidden="true" className="size-4 text-muted-foreground" />
                  {c(label)}
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {(found.data?.length ?? 0) > 0 && (
            <Command.Group heading={c("nav.users")} className={group}>
              {found.data!.map((each) => (
                <Command.Item key={each.id} value={`user ${each.id}`} onSelect={() => go("/users", { user: each.id })} className={item}>
                  <Avatar name={each.name || each.email} image={each.image} />
                  <bdi className="max-w-1/2 truncate font-medium">{each.name || each.email}</bdi>
                  <bdi className="min-w-0 truncate text-dense text-muted-foreground">{each.email}</bdi>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {search && pages.length === 0 && !found.isFetching && !found.data?.length && <Command.Empty className="px-4 py-8 text-center text-sm text-muted-foreground">{t("palette.nothing")}</Command.Empty>}
        </Command.List>
      </Command>
    </dialog>
  );
}
