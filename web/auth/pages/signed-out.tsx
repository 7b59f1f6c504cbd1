import "../texts";
import { buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { LogOut } from "ui/icons";
import { Page } from "../layout";
import { PageLink } from "../route";

export default function SignedOut() {
  const t = useTexts("pages");
  return (
    <Page icon={LogOut} title={t("signedOut.title")} lead={t("signedOut.lead")}>
      <PageLink to="/auth/sign-in" className={buttonClass("primary")}>
        {t("signedOut.again")}
      </PageLink>
    </Page>
  );
}
