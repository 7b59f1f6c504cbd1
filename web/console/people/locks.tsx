// What is locked after too many wrong tries.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import "./texts";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { LockKeyhole } from "ui/icons";
import { Time } from "ui/time";
import { toast } from "ui/toast";
import { withProof } from "../proof";
import { PageHead } from "../shell";
import { Empty, Waiting } from "../states";
import { clearLock, locks, type Lock } from "./api";
import { Fault, useFault } from "./fault";
import { ShieldCheck } from "./icons";

export function Locks() {
  const t = useTexts("people");
  const c = useTexts("console");
  const say = useFault();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: ["locks"], queryFn: ({ signal }) => locks(signal), refetchInterval: 30_000 });
  const clear = useMutation({
    mutationFn: (id: string) => withProof(() => clearLock(id)),
    onSuccess: () => {
      toast({ text: t("locks.cleared") });
      for (const key of ["locks", "user"]) void queries.invalidateQueries({ queryKey: [key] });
    },
    onError: (fault) => toast({ tone: "error", text: say(fault) }),
  });
  const kind = (lock: Lock) => (lock.kind === "address" ? t("locks.address") : lock.kind === "device" ? t("locks.device") : t("locks.account"));
  return (
    <>
      <PageHead title={c("nav.locks")} />
      <p className="-mt-3 mb-5 max-w-prose text-sm text-muted-foreground">{t("locks.lead")}</p>
      {error && !data ? (
        <Fault fault={error} again={() => void refetch()} />
      ) : (
        <div className="rounded-card border bg-card">
          {!data ? (
            <Waiting />
          ) : data.locks.length === 0 ? (
            <Empty icon={ShieldCheck} title={t("locks.none")}>
              {t("locks.noneLead")}
            </Empty>
          ) : (
            <ul className="divide-y">
              {data.locks.map((lock) => (
                <li key={lock.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
                  <LockKeyhole aria-hidden="true" className="size-4.5 shrink-0 text-warning" />
                  <div className="min-w-0 grow basis-48">
                    <p className="truncate text-sm font-medium">
                      {kind(lock)}{" "}
                      {lock.userId ? (
                        <Link to="/users" search={{ user: lock.userId, tab: "security" }} className="link">
                          <bdi>{lock.userId}</bdi>
                        </Link>
                      ) : (
                        lock.address && <bdi>{lock.address}</bdi>
                      )}
                    </p>
                    <p className="text-dense text-muted-foreground">
                      {lock.method} · {t("locks.failures", { count: lock.failures })} · {t("locks.until")} <Time at={lock.until} />
                    </p>
                  </div>
                  <Button look="secondary" size="small" busy={clear.isPending && clear.variables === lock.id} onClick={() => clear.mutate(lock.id)}>
                    {t("locks.clear")}
                  </Button>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </>
  );
}
