// A panel at the end of the page, or in its middle, over everything else. It is
// the browser's dialog: it keeps the focus, Escape closes it, and the focus
// goes back to where it was.
import { useEffect, useId, useRef, type ReactNode } from "react";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { X } from "ui/icons";

interface Props {
  title: ReactNode;
  middle?: boolean;
  foot?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

const places = {
  end: "ms-auto h-dvh w-full max-w-136 border-s",
  middle: "mx-auto mt-[10dvh] h-fit w-[calc(100%-2rem)] max-w-136 rounded-dialog border",
};

export function Drawer({ title, middle, foot, onClose, children }: Props) {
  const t = useTexts("common");
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = dialog;
    const before = document.activeElement as HTMLElement | null;
    current?.showModal();
    return () => {
      current?.close();
      before?.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === dialog.current && onClose()}
      className={cx("fixed inset-0 max-h-dvh flex-col bg-card text-foreground shadow-float backdrop:bg-[rgb(8_10_15/0.5)] open:flex", middle ? places.middle : places.end)}
    >
      <div className="flex items-start justify-between gap-3 border-b px-5 py-4">
        <h2 id={id} className="min-w-0 text-lg wrap-anywhere">
          {title}
        </h2>
        <button
          type="button"
          aria-label={t("close")}
          title={t("close")}
          onClick={onClose}
          className="-my-1 -me-2 grid size-9 shrink-0 place-items-center rounded-control text-muted-foreground hover:bg-muted hover:text-foreground pointer-coarse:size-11"
        >
          <X aria-hidden="true" className="size-5" />
        </button>
      </div>
      {/* tabIndex: who has no mouse scrolls with the keys */}
      <div tabIndex={0} className="min-h-0 grow overflow-y-auto px-5 py-4 outline-offset-[-2px]">
        {children}
      </div>
      {foot && <div className="flex flex-wrap gap-2 border-t px-5 py-3">{foot}</div>}
    </dialog>
  );
}
