// Light, dark, or as the system has it. The server writes the choice into the
// page, so there is no flash.
import { useState } from "react";
import { boot, remember } from "ui/boot";

export type Theme = "" | "light" | "dark";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(boot.theme);
  const choose = (next: Theme) => {
    remember("gatehouse-theme", next);
    if (next) document.documentElement.dataset.theme = next;
    else delete document.documentElement.dataset.theme;
    setTheme(next);
    window.dispatchEvent(new Event("gatehouse-theme")); // for what is drawn on canvas
  };
  return [theme, choose];
}
