// Where the link in an administrator's mail leads: to the person who asks.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import "./texts";
import { buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { MailWarning } from "ui/icons";
import { get } from "../api";
import { PageHead } from "../shell";
import { Empty, Waiting } from "../states";
import type { Registration } from "./api";

const route = getRouteApi("/registrations");

export function FromMail() {
  const t = useTexts("people");
  const c = useTexts("console");
  const { token } = route.useSearch();
  const { data, isPending } = useQuery({ queryKey: ["approval-link", token], queryFn: ({ signal }) => get<Registration>("/registration/request", { token }, signal), enabled: token !== undefined, retry: false });
  if (data) return <Navigate to="/users" search={{ user: data.user.id }} replace />;
  return (
    <>
      <PageHead title={c("nav.approvals")} />
      <div className="rounded-card border bg-card">
        {token !== undefined && isPending ? (
          <Waiting />
        ) : (
          <Empty icon={MailWarning} title={t("approvals.linkOver")}>
            <p className="mb-4">{t("approvals.linkOverLead")}</p>
            <Link to="/approvals" className={buttonClass("secondary", "medium")}>
              {c("nav.approvals")}
            </Link>
          </Empty>
        )}
      </div>
    </>
  );
}
