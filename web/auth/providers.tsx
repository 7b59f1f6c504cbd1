// Buttons for other identity providers: four in sight, the rest on demand.
import { useState } from "react";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { ChevronDown } from "ui/icons";
import { announce } from "ui/live";
import { ask, client, type Fault } from "./client";
import { ProviderMark } from "./provider-mark";
import { callbackURL } from "./route";

const inSight = 4;

interface Props {
  onFault: (fault: Fault | null) => void;
  said?: () => Record<string, string>; // what a registration says besides
}

export function Providers({ onFault, said }: Props) {
  const t = useTexts("auth");
  const [busy, setBusy] = useState("");
  const [all, setAll] = useState(false);
  const providers = boot.methods.social;
  const shown = all || providers.length <= inSight + 1 ? providers : providers.slice(0, inSight);

  const begin = async (id: string, name: string) => {
    setBusy(id);
    onFault(null);
    announce(t("signIn.leading", { provider: name }));
    const additionalData = said?.();
    const { error } = await ask(
      client.signIn.social({ provider: id, callbackURL: callbackURL() ?? "/account", errorCallbackURL: "/auth/error", ...(additionalData && { additionalData }) }),
    );
    if (error) {
      setBusy("");
      onFault(error);
    }
  };

  const many = shown.length > 2; // two in a row then, by their names
  return (
    <div className={cx("grid gap-2.5", many && "grid-cols-2")}>
      {shown.map(({ id, name }) => (
        <Button key={id} look="secondary" busy={busy === id} aria-label={many ? t("signIn.with", { provider: name }) : undefined} onClick={() => void begin(id, name)} className={cx(many && "min-w-0 overflow-hidden px-2 text-sm")}>
          <ProviderMark id={id} name={name} />
          {many ? name : t("signIn.with", { provider: name })}
        </Button>
      ))}
      {shown.length < providers.length && (
        <Button look="ghost" onClick={() => setAll(true)} className="col-span-full">
          {t("signIn.more")}
          <ChevronDown aria-hidden="true" className="size-4" />
        </Button>
      )}
    </div>
  );
}
