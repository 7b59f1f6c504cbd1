import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { boot } from "ui/boot";
import { Card } from "ui/card";
import { useLanguage, useTexts } from "ui/i18n";
import { ask, client } from "../client";
import { PageHead } from "../shell";

export function Overview() {
  const t = useTexts("console");
  const { id } = useLanguage();
  const users = useQuery({ queryKey: ["users", "total"], queryFn: () => ask(client.admin.listUsers({ query: { limit: 1 } })) });
  const { mode } = boot.registration;
  const methods = [...(boot.methods.password ? [t("overview.methodPassword")] : []), ...boot.methods.social.map(({ name }) => name)];
  return (
    <>
      <PageHead title={t("overview.title")} />
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        <Tile label={t("overview.users")} hint={users.data && t("overview.usersHint", { count: users.data.total })} fault={users.isError && t("fault.title")}>
          {users.data && new Intl.NumberFormat(id).format(users.data.total)}
        </Tile>
        <Tile label={t("overview.registration")} hint={t("overview.registrationHint")}>
          {t(`overview.registration.${mode}`)}
        </Tile>
        <Tile label={t("overview.methods")} hint={methods.join(", ")}>
          {new Intl.NumberFormat(id).format(methods.length)}
        </Tile>
      </div>
    </>
  );
}

interface TileProps {
  label: string;
  hint?: ReactNode;
  fault?: ReactNode;
  children: ReactNode;
}

// Tile is one figure. While it is loading its place is kept.
export function Tile({ label, hint, fault, children }: TileProps) {
  return (
    <Card className="p-5">
      <h2 className="text-sm font-medium text-muted-foreground">{label}</h2>
      <p className="mt-2 min-h-9 text-3xl font-semibold tracking-tight tabular-nums">{children}</p>
      <p className="mt-1 min-h-5 text-dense text-muted-foreground wrap-anywhere">{fault || hint}</p>
    </Card>
  );
}
