import { useState } from "react";
import { Alert } from "ui/alert";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { KeyRound } from "ui/icons";
import { announce } from "ui/live";
import { ask, client, faultText, type Fault } from "../client";
import { ProviderMark } from "../provider-mark";
import { PageLink, useOnce } from "../route";
import { Dotted, Head, Row, Rows, Section, Unread, Waiting } from "./layout";
import { Confirm, told, useProof } from "./proof";
import { useResource } from "./resource";
import { When } from "./when";

interface Account {
  id: string;
  providerId: string;
  createdAt: Date;
}

export function Linked() {
  const t = useTexts("account");
  const added = useOnce("added");
  const refused = useOnce("error");
  const proof = useProof();
  const list = useResource<Account[]>(() => client.listAccounts());
  const [fault, setFault] = useState<Fault | null>(null);
  const named = (id: string) => boot.methods.social.find((each) => each.id === id)?.name ?? id;
  const accounts = list.data ?? [];
  const free = boot.methods.social.filter(({ id }) => !accounts.some((account) => account.providerId === id));

  const unlink = async (account: Account) => {
    setFault(null);
    const { error } = await proof.run(() => client.unlinkAccount({ accountId: account.id }));
    setFault(told(error));
    if (error) return;
    await list.reload();
    announce(t("linked.removed", { provider: named(account.providerId) }));
  };

  return (
    <>
      <Head title={t("linked.title")} lead={t("linked.lead")} />
      {refused && <Alert tone="error">{t(t.known(`linked.error.${refused}`) ?? "linked.error")}</Alert>}
      {added && !refused && accounts.some((account) => account.providerId === added) && <Alert tone="success">{t("linked.added", { provider: named(added) })}</Alert>}
      {fault && <Alert tone="error">{faultText(t, fault)}</Alert>}
      <Confirm proof={proof} />
      <Section title={t("linked.yours")} lead={t("linked.yoursLead")} flush>
        {list.fault && !list.data ? (
          <Unread fault={list.fault} retry={list.reload} />
        ) : !list.data ? (
          <Waiting />
        ) : (
          <Rows label={t("linked.yours")}>
            {accounts.map((account) => (
              <Way key={account.id} account={account} name={named(account.providerId)} only={accounts.length === 1} onUnlink={unlink} />
            ))}
          </Rows>
        )}
      </Section>
      {list.data && free.length > 0 && (
        <Section title={t("linked.more")} lead={t("linked.moreLead")} flush>
          <Rows label={t("linked.more")}>
            {free.map(({ id, name }) => (
              <Free key={id} id={id} name={name} onFault={setFault} />
            ))}
          </Rows>
        </Section>
      )}
    </>
  );
}

interface WayProps {
  account: Account;
  name: string;
  only: boolean; // nobody may be left without a way to sign in
  onUnlink: (account: Account) => Promise<void>;
}

function Way({ account, name, only, onUnlink }: WayProps) {
  const t = useTexts("account");
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const password = account.providerId === "credential";
  const go = async () => {
    setBusy(true);
    await onUnlink(account);
    setBusy(false);
    setSure(false);
  };
  const actions = password ? (
    <PageLink to="/account/password" className="link text-sm">
      {t("password.change")}
    </PageLink>
  ) : only ? null : sure ? (
    <span className="flex flex-wrap gap-2">
      <Button look="destructive" size="small" busy={busy} onClick={() => void go()}>
        {t("linked.removeSure")}
      </Button>
      <Button look="ghost" size="small" onClick={() => setSure(false)}>
        {t("linked.keep")}
      </Button>
    </span>
  ) : (
    <Button look="secondary" size="small" aria-label={t("linked.removeOne", { provider: name })} onClick={() => setSure(true)}>
      {t("linked.remove")}
    </Button>
  );
  return (
    <Row
      icon={password ? <KeyRound aria-hidden="true" className="size-4.5" /> : <ProviderMark id={account.providerId} name={name} />}
      title={password ? t("linked.password") : name}
      action={actions}
    >
      {sure ? t("linked.sure", { provider: name }) : <Dotted items={[t.rich("linked.since", { date: <When at={account.createdAt} exact="date" /> }), only && t("linked.last")]} />}
    </Row>
  );
}

function Free({ id, name, onFault }: { id: string; name: string; onFault: (fault: Fault | null) => void }) {
  const t = useTexts("account");
  const [busy, setBusy] = useState(false);
  const link = async () => {
    setBusy(true);
    onFault(null);
    announce(t("linked.leading", { provider: name }));
    const { error } = await ask(client.linkSocial({ provider: id, callbackURL: "/account/linked?" + new URLSearchParams({ added: id }), errorCallbackURL: "/account/linked" }));
    if (!error) return; // on the way to the provider
    setBusy(false);
    onFault(error);
  };
  return (
    <Row
      icon={<ProviderMark id={id} name={name} />}
      title={name}
      action={
        <Button look="secondary" size="small" busy={busy} aria-label={t("linked.addOne", { provider: name })} onClick={() => void link()}>
          {t("linked.add")}
        </Button>
      }
    >
      {t("linked.free")}
    </Row>
  );
}
