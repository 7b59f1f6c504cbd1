// What is at hand on every page of the console: the palette, the list of keys,
// short messages, and the proof that is asked for.
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTexts } from "ui/i18n";
import { Toasts } from "ui/toast";
import { useKeys } from "./keys";
import { Search } from "./people/icons";
import { Proof } from "./proof";

const Palette = lazy(() => import("./palette"));
const KeysDialog = lazy(() => import("./keys-dialog"));

export function Commands() {
  const t = useTexts("console");
  const navigate = useNavigate();
  const [open, setOpen] = useState<"palette" | "keys" | "">("");
  useKeys({
    "?": () => setOpen("keys"),
    "g o": () => void navigate({ to: "/" }),
    "g u": () => void navigate({ to: "/users" }),
    "g a": () => void navigate({ to: "/approvals" }),
    "g s": () => void navigate({ to: "/sessions" }),
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setOpen((now) => (now === "palette" ? "" : document.querySelector("dialog[open]") ? now : "palette"));
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen("palette")}
        className="me-auto inline-flex h-9 items-center gap-2 rounded-control px-2.5 text-sm text-muted-foreground hover:bg-muted hover:text-foreground pointer-coarse:h-11"
      >
        <Search aria-hidden="true" className="size-4" />
        <span className="max-sm:sr-only">{t("find")}</span>
        <kbd aria-hidden="true" className="rounded-[0.25rem] border bg-card px-1.5 font-sans text-xs max-lg:hidden">
          {/Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘ K" : "Ctrl K"}
        </kbd>
      </button>
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen("")} />}
        {open === "keys" && <KeysDialog onClose={() => setOpen("")} />}
      </Suspense>
      <Proof />
      <Toasts />
    </>
  );
}
