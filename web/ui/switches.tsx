// How pages look: their language, and light or dark.
import { useTheme, type Theme } from "ui/theme";
import { languages, useLanguage, useTexts } from "ui/i18n";
import { LanguageIcon, Monitor, Moon, Sun } from "ui/icons";
import { Menu } from "ui/menu";

export function LanguageSwitch({ up }: { up?: boolean }) {
  const t = useTexts("common");
  const { id, choose } = useLanguage();
  return (
    <Menu
      up={up}
      label={t("language")}
      button={
        <>
          <LanguageIcon aria-hidden="true" className="size-4" />
          {languages.find((each) => each.id === id)?.name}
        </>
      }
      items={languages.map((each) => ({ id: each.id, label: each.name, lang: each.id, checked: each.id === id, onSelect: () => void choose(each.id) }))}
    />
  );
}

const icons = { "": Monitor, light: Sun, dark: Moon };

export function ThemeSwitch({ up }: { up?: boolean }) {
  const t = useTexts("common");
  const [theme, choose] = useTheme();
  const Sign = icons[theme];
  const choices: [Theme, string][] = [["", t("themeSystem")], ["light", t("themeLight")], ["dark", t("themeDark")]];
  return (
    <Menu
      up={up}
      label={t("theme")}
      button={<Sign aria-hidden="true" className="size-4" />}
      className="w-9 justify-center"
      items={choices.map(([id, label]) => ({ id: id || "system", label, checked: id === theme, onSelect: () => choose(id) }))}
    />
  );
}
