import { Link } from "@tanstack/react-router";
import { buttonClass } from "ui/button";
import { useTexts } from "ui/i18n";
import { PageHead } from "../shell";

export function Missing() {
  const t = useTexts("console");
  return (
    <>
      <PageHead title={t("missing.title")} />
      <p className="mb-6 text-muted-foreground">{t("missing.lead")}</p>
      <Link to="/" className={buttonClass("secondary", "medium")}>
        {t("missing.home")}
      </Link>
    </>
  );
}
