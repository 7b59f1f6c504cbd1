import "../texts";
import { boot } from "ui/boot";
import { Button, buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { ShieldX } from "ui/icons";
import { Page } from "../layout";
import { onward, PageLink } from "../route";
import { signOut, useSession } from "../session";

// A role in the address is shown only if it looks like one: anything else
// could be a text that somebody wants this page to say.
const role = /^[A-Za-z0-9_-]{1,32}$/.exec(new URLSearchParams(location.search).get("role") ?? "")?.[0];

export default function Unauthorized() {
  const t = useTexts("pages");
  const session = useSession();
  const app = boot.brand.name;
  const support = boot.brand.support;
  const ask = support?.startsWith("mailto:") ? `${support.split("?")[0]}?subject=${encodeURIComponent(t("unauthorized.subject", { app }))}` : support;
  const strong = (text: string) => <strong className="font-medium text-foreground">{text}</strong>;
  return (
    <Page icon={ShieldX} tone="destructive" title={t("unauthorized.title")} lead={t("unauthorized.lead")}>
      <div className="grid gap-1 text-sm text-muted-foreground empty:hidden">
        {session && <p className="wrap-anywhere">{t.rich("unauthorized.who", { email: strong(session.user.email) })}</p>}
        {role && <p>{t.rich("unauthorized.role", { role: strong(role) })}</p>}
        {!ask && <p>{t("unauthorized.askNobody", { app })}</p>}
      </div>
      <div className="grid gap-2.5">
        {ask && (
          <a href={ask} className={buttonClass("primary")}>
            {t("unauthorized.ask")}
          </a>
        )}
        {session ? (
          <Button look="secondary" onClick={() => void signOut("/auth/sign-in" + onward())}>
            {t("unauthorized.switch")}
          </Button>
        ) : (
          <PageLink to="/auth/sign-in" className={buttonClass("secondary")}>
            {t("signIn")}
          </PageLink>
        )}
      </div>
    </Page>
  );
}
