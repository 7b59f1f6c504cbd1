// The pages below /account, by their paths. They share the build of the pages
// around signing in, and load when one is opened.
import "./texts";
import type { ComponentType } from "react";
import { useTexts } from "ui/i18n";
import { PageLink, usePath } from "../route";
import { Activity } from "./activity";
import { Data } from "./data";
import { AccountFrame, Head, places } from "./layout";
import { Linked } from "./linked";
import { SignedIn } from "./me";
import { Password } from "./password";
import { Profile } from "./profile";
import { Sessions } from "./sessions";

const pages: Record<string, ComponentType> = {
  "/account": Profile,
  "/account/password": Password,
  "/account/sessions": Sessions,
  "/account/linked": Linked,
  "/account/activity": Activity,
  "/account/data": Data,
};

export default function Account() {
  const path = usePath();
  const Page = (places.some((place) => place.path === path) && pages[path]) || Missing;
  return (
    <SignedIn>
      <AccountFrame>
        <Page key={path} />
      </AccountFrame>
    </SignedIn>
  );
}

function Missing() {
  const t = useTexts("account");
  return (
    <>
      <Head title={t("missing.title")} lead={t("missing.lead")} />
      <p>
        <PageLink to="/account">{t("missing.home")}</PageLink>
      </p>
    </>
  );
}
