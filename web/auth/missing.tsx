import { buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { Page } from "./layout";
import { PageLink } from "./route";

export function Missing() {
  const t = useTexts("auth");
  return (
    <Page title={t("missing.title")} lead={t("missing.lead")}>
      <PageLink to="/auth/sign-in" className={buttonClass("primary")}>
        {t("missing.home")}
      </PageLink>
    </Page>
  );
}
