// What each role may: permissions from top to bottom, roles from side to side.
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { Alert } from "ui/alert";
import { Badge } from "ui/badge";
import { Card } from "ui/card";
import { useTexts } from "ui/i18n";
import { Check, Shield } from "ui/icons";
import { roles, type Roles as Matrix } from "../api";
import { PageHead } from "../shell";
import { Empty, Fault, Waiting } from "../states";
import "../system-texts";

export function Roles() {
  const t = useTexts("system");
  const { data, error, refetch } = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => roles(signal) });
  return (
    <>
      <PageHead title={t("roles.title")} />
      {error && <Fault fault={error} again={() => void refetch()} />}
      {!error && !data && (
        <Card>
          <Waiting rows={12} />
        </Card>
      )}
      {data && (
        <div className="grid grid-cols-1 gap-4">
          <Alert>{t.rich(data.custom ? "roles.custom" : "roles.builtIn", { roles: <code className="font-mono text-dense">plugins.admin.roles</code>, statements: <code className="font-mono text-dense">plugins.admin.statements</code> })}</Alert>
          <Card className="overflow-clip">{Object.keys(data.statements).length === 0 ? <Empty icon={Shield} title={t("roles.none")} /> : <Table matrix={data} />}</Card>
        </div>
      )}
    </>
  );
}

function Table({ matrix: { statements, roles } }: { matrix: Matrix }) {
  const t = useTexts("system");
  return (
    <div tabIndex={0} role="region" aria-label={t("roles.title")} className="max-h-[75dvh] overflow-auto outline-offset-[-2px]">
      <table className="w-full text-dense">
        <thead>
          <tr>
            <th scope="col" className="sticky start-0 top-0 z-2 min-w-28 border-b bg-muted px-3 py-2.5 text-start font-medium text-muted-foreground sm:min-w-48 sm:px-4">
              {t("roles.permission")}
            </th>
            {roles.map((role) => (
              <th key={role.name} scope="col" className="sticky top-0 z-1 min-w-24 border-b bg-muted px-3 py-2.5 text-center font-medium">
                <bdi className="block max-w-40 truncate" title={role.name}>
                  {role.name}
                </bdi>
                {(role.admin || role.default) && (
                  <span className="mt-1 inline-flex flex-wrap justify-center gap-1">
                    {role.admin && <Badge tone="info">{t("roles.admin")}</Badge>}
                    {role.default && <Badge>{t("roles.default")}</Badge>}
                  </span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(statements).map(([resource, actions]) => (
            <Fragment key={resource}>
              <tr>
                <th scope="rowgroup" colSpan={roles.length + 1} className="border-t bg-canvas px-3 py-1.5 text-start text-xs font-semibold text-muted-foreground sm:px-4">
                  <bdi className="sticky start-4">{resource}</bdi>
                </th>
              </tr>
              {actions.map((action) => (
                <tr key={action} className="group">
                  <th scope="row" className="sticky start-0 z-1 border-t bg-card px-3 py-1.5 text-start font-mono text-xs font-normal wrap-anywhere group-hover:bg-muted sm:px-4">
                    <bdi>{action}</bdi>
                  </th>
                  {roles.map((role) => {
                    const holds = role.permissions[resource]?.includes(action);
                    return (
                      <td key={role.name} className="border-t px-3 py-1.5 text-center group-hover:bg-muted">
                        {holds ? <Check aria-hidden="true" className="mx-auto size-4 text-success" strokeWidth={2.5} /> : <span aria-hidden="true" className="text-input">·</span>}
                        <span className="sr-only">{holds ? t("roles.yes") : t("roles.no")}</span>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
