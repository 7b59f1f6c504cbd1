import { Badge } from "ui/badge";
import { useTexts } from "ui/i18n";

// Outcome is how something in the audit log ended.
export function Outcome({ outcome }: { outcome: string }) {
  const t = useTexts("system");
  if (outcome === "success") return <Badge tone="success">{t("audit.success")}</Badge>;
  return <Badge tone="error">{outcome}</Badge>;
}
