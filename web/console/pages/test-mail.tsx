// A test mail is a real one: the mail that resets your own password. It goes
// the way that everybody's mails go, and changes nothing until its link is
// followed.
import { useMutation, useQuery } from "@tanstack/react-query";
import { boot } from "ui/boot";
import { Alert } from "ui/alert";
import { Button } from "ui/button";
import { Drawer } from "ui/drawer";
import { useTexts } from "ui/i18n";
import { mails, type Mail, type MailState } from "../api";
import { ask, client } from "../client";
import { useMe } from "../guard";
import { Fault } from "../states";

const states: MailState[] = ["sent", "dead", "pending"];

// newest is the last mail to somebody, whatever became of it.
async function newest(recipient: string, signal?: AbortSignal): Promise<Mail | null> {
  const pages = await Promise.all(states.map((state) => mails({ state, recipient, limit: 1 }, signal)));
  const found = pages.flatMap((page) => page.mails).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return found[0] ?? null;
}

export function TestMail({ onClose }: { onClose: () => void }) {
  const t = useTexts("system");
  const { email } = useMe().user;
  const sending = useMutation({
    mutationFn: async () => {
      const before = await newest(email);
      await ask(client.requestPasswordReset({ email, redirectTo: "/auth/reset-password" }));
      return { before: before?.id };
    },
  });
  const fate = useQuery({
    queryKey: ["test-mail", sending.submittedAt],
    queryFn: ({ signal }) => newest(email, signal),
    enabled: sending.isSuccess,
    refetchInterval: ({ state }) => (state.data && state.data.id !== sending.data?.before && state.data.state !== "pending" ? false : 1_000),
  });
  const mail = fate.data && fate.data.id !== sending.data?.before ? fate.data : null;
  const fault = sending.error ?? fate.error;
  return (
    <Drawer middle title={t("testMail.title")} onClose={onClose}>
      <div className="grid gap-4 text-sm">
        {boot.methods.reset ? (
          <>
            <p>{t.rich("testMail.lead", { email: <bdi className="font-medium wrap-anywhere">{email}</bdi> })}</p>
            {fault && <Fault fault={fault} />}
            <div role="status" className="grid gap-2 empty:hidden">
              {sending.isSuccess && !fault && mail?.state === "sent" && <Alert tone="success">{t("testMail.sent")}</Alert>}
              {sending.isSuccess && !fault && mail?.state === "dead" && (
                <Alert tone="error">
                  {t("testMail.dead")} <bdi className="block font-mono text-dense">{mail.lastError}</bdi>
                </Alert>
              )}
              {sending.isSuccess && !fault && (!mail || mail.state === "pending") && (
                <Alert tone={mail?.lastError ? "warning" : "info"}>
                  {t("testMail.pending")} {mail?.lastError && <bdi className="block font-mono text-dense">{mail.lastError}</bdi>}
                </Alert>
              )}
            </div>
            <Button size="medium" busy={sending.isPending} className="justify-self-start" onClick={() => sending.mutate()}>
              {sending.isSuccess ? t("testMail.again") : t("testMail.send")}
            </Button>
          </>
        ) : (
          <Alert tone="warning">{t("testMail.off")}</Alert>
        )}
      </div>
    </Drawer>
  );
}
