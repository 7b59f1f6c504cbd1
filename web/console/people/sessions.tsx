// Who is signed in now.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import "./texts";
import { useEffect, useState } from "react";
import { Badge } from "ui/badge";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { Input } from "ui/input";
import { Time } from "ui/time";
import { toast } from "ui/toast";
import { revokeSession, sessions as readSessions } from "../api";
import { withProof } from "../proof";
import { PageHead } from "../shell";
import { Empty, Waiting } from "../states";
import { Fault, useFault } from "./fault";
import { MonitorSmartphone } from "./icons";
import { Check } from "./popover";
import { DeviceName, Who } from "./shown";

const route = getRouteApi("/sessions");

export function Sessions() {
  const t = useTexts("people");
  const c = useTexts("console");
  const say = useFault();
  const queries = useQueryClient();
  const { address, acting } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(address ?? "");
  useEffect(() => {
    if (typed.trim() === (address ?? "")) return;
    const timer = setTimeout(() => void navigate({ search: (before) => ({ ...before, address: typed.trim() || undefined }), replace: true }), 200);
    return () => clearTimeout(timer);
  }, [typed, address, navigate]);
  const query = { address, impersonated: acting ? true : undefined };
  const found = useInfiniteQuery({
    queryKey: ["sessions", query],
    queryFn: ({ pageParam, signal }) => readSessions({ ...query, cursor: pageParam, limit: 50 }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const end = useMutation({
    mutationFn: (id: string) => withProof(() => revokeSession(id)),
    onSuccess: () => {
      toast({ text: t("sessions.ended") });
      void queries.invalidateQueries({ queryKey: ["sessions"] });
    },
    onError: (fault) => toast({ tone: "error", text: say(fault) }),
  });
  const rows = found.data?.pages.flatMap((page) => page.sessions) ?? [];
  return (
    <>
      <PageHead title={c("nav.sessions")} />
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Input type="search" aria-label={t("sessions.address")} placeholder={t("sessions.address")} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" className="h-9! max-w-72 sm:text-sm pointer-coarse:h-11!" />
        <Check checked={acting === "yes"} onChange={(on) => void navigate({ search: (before) => ({ ...before, acting: on ? "yes" : undefined }), replace: true })}>
          {t("sessions.acting")}
        </Check>
      </div>
      {found.isError && rows.length === 0 ? (
        <Fault fault={found.error} again={() => void found.refetch()} />
      ) : (
        <div className="rounded-card border bg-card">
          {!found.data ? (
            <Waiting rows={8} />
          ) : rows.length === 0 ? (
            <Empty icon={MonitorSmartphone} title={t("sessions.none")}>
              {t("sessions.noneLead")}
            </Empty>
          ) : (
            <ul className="divide-y">
              {rows.map((each) => (
                <li key={each.id} className="grid items-center gap-x-4 gap-y-1.5 px-4 py-3 md:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)_minmax(0,1fr)_7rem]">
                  <Who name={each.user.name} email={each.user.email} image={each.user.image}>
                    <Link to="/users" search={{ user: each.user.id, tab: "sessions" }} className="block truncate text-sm font-medium hover:underline">
                      <bdi>{each.user.name || each.user.email}</bdi>
                    </Link>
                  </Who>
                  <span className="grid min-w-0 gap-0.5 text-dense">
                    <DeviceName device={each.device} agent={each.userAgent} />
                    <bdi className="truncate text-muted-foreground">{each.ipAddress ?? t("none")}</bdi>
                  </span>
                  <span className="grid min-w-0 gap-0.5 text-dense text-muted-foreground">
                    <span>
                      {t("sessions.began")} <Time at={each.createdAt} />
                    </span>
                    {each.impersonatedBy ? (
                      <span className="truncate text-warning">{t("sessions.by", { name: each.impersonatedBy.name || each.impersonatedBy.email || each.impersonatedBy.id })}</span>
                    ) : (
                      <span>
                        {t("sessions.ends")} <Time at={each.expiresAt} />
                      </span>
                    )}
                  </span>
                  <span className="md:justify-self-end">
                    {each.current ? (
                      <Badge tone="info">{t("sessions.yours")}</Badge>
                    ) : (
                      <Button look="secondary" size="small" busy={end.isPending && end.variables === each.id} onClick={() => end.mutate(each.id)}>
                        {t("sessions.end")}
                      </Button>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
      {found.hasNextPage && (
        <div className="mt-4 text-center">
          <Button look="secondary" size="medium" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {t("showMore")}
          </Button>
        </div>
      )}
    </>
  );
}
