// How a person, a device and a number of people look in every list. What people
// wrote themselves is isolated, so that it turns no other text around.
import { Badge, type BadgeTone } from "ui/badge";
import { cx } from "ui/cx";
import { useLanguage, useTexts } from "ui/i18n";
import { Monitor, type Icon } from "ui/icons";
import type { Count, Device, Person, Status } from "../api";
import { Avatar } from "../shell";
import { Bot, Smartphone, Tablet } from "./icons";

const tones: Record<Status, BadgeTone> = { active: "success", unverified: "neutral", pending: "warning", banned: "error", rejected: "error" };

export function StatusBadge({ person }: { person: Pick<Person, "status" | "banExpires"> }) {
  const t = useTexts("people");
  return <Badge tone={tones[person.status]}>{t(`status.${person.status}`)}</Badge>;
}

export function Who({ name, email, image, small, children }: { name: string; email: string; image?: string | null; small?: boolean; children?: React.ReactNode }) {
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <span className="shrink-0 *:border *:bg-muted! *:text-muted-foreground!">
        <Avatar name={name || email} image={image} />
      </span>
      <span className={cx("min-w-0", small && "flex items-baseline gap-2")}>
        {children ?? <bdi className={cx("truncate font-medium", small ? "max-w-1/2" : "block")}>{name || email}</bdi>}
        <bdi className={cx("min-w-0 truncate text-dense text-muted-foreground", !small && "block")}>{email}</bdi>
      </span>
    </span>
  );
}

const kinds: Record<Device["kind"], Icon> = { desktop: Monitor, mobile: Smartphone, tablet: Tablet, bot: Bot, unknown: Monitor };

export function DeviceName({ device, agent }: { device: Device; agent: string | null }) {
  const t = useTexts("people");
  const Sign = kinds[device.kind] ?? Monitor;
  const name = [device.browser, device.os].filter(Boolean).join(" · ");
  return (
    <span className="flex min-w-0 items-center gap-2" title={agent ?? undefined}>
      <Sign aria-hidden="true" className="size-4 shrink-0 text-muted-foreground" />
      <bdi className="truncate">{name || agent || t("device.unknown")}</bdi>
    </span>
  );
}

export function useCount(): (count: Count) => string {
  const { id } = useLanguage();
  return ({ value, exact }) => {
    const number = new Intl.NumberFormat(id, exact || value < 10_000 ? {} : { notation: "compact", maximumSignificantDigits: 2 }).format(value);
    return exact ? number : `≈ ${number}`;
  };
}
