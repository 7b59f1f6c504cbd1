import "../texts";
import { useEffect } from "react";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { CircleCheck } from "ui/icons";
import { Frame, Page } from "../layout";
import { signOut, useSession } from "../session";

export default function Account() {
  const t = useTexts("pages");
  const session = useSession();
  useEffect(() => {
    if (session === null) location.replace("/auth/sign-in?" + new URLSearchParams({ callbackURL: location.pathname }));
  }, [session]);
  if (!session) return null;
  const { name, email } = session.user;
  return (
    <Frame>
      <Page icon={CircleCheck} tone="success" title={t("home.title")} lead={t("home.lead", { name, email })}>
        <Button look="secondary" onClick={() => void signOut("/auth/signed-out")}>
          {t("signOut")}
        </Button>
      </Page>
    </Frame>
  );
}
