import { useTexts } from "ui/i18n";
import { Monitor, type Icon } from "ui/icons";
import { parseUserAgent, type Device } from "./device";
import { Bot, Smartphone, Tablet } from "./icons";

const icons: Record<Device["kind"], Icon> = { desktop: Monitor, mobile: Smartphone, tablet: Tablet, unknown: Bot };

export function DeviceIcon({ agent, className }: { agent?: string | null; className?: string }) {
  const Sign = icons[parseUserAgent(agent).kind];
  return <Sign aria-hidden="true" className={className} />;
}

// useDeviceName gives a name such as "Firefox on Windows"; what is not known
// is shown as it came, in short.
export function useDeviceName() {
  const t = useTexts("account");
  return (agent?: string | null) => {
    const { browser, os } = parseUserAgent(agent);
    if (browser && os) return t("device.on", { browser, os });
    return browser || os || (agent ? agent.slice(0, 60) + (agent.length > 60 ? "…" : "") : t("device.unknown"));
  };
}
