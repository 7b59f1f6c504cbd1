import { useState, type InputHTMLAttributes, type KeyboardEvent, type TextareaHTMLAttributes } from "react";
import { cx } from "ui/cx";
import { useTexts } from "ui/i18n";
import { Eye, EyeOff } from "ui/icons";

// At least 16 px of text on phones, or iOS zooms in.
export const inputClass =
  "w-full rounded-control border border-input bg-background px-3 text-base text-foreground placeholder:text-muted-foreground " +
  "aria-invalid:border-destructive focus-visible:outline-offset-0 focus-visible:border-ring transition-[border-color] duration-150";

export function Input({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input {...rest} className={cx(inputClass, "h-10 pointer-coarse:h-11", className)} />;
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea {...rest} className={cx(inputClass, "min-h-20 py-2", className)} />;
}

// PasswordInput can show what is typed, and says when caps lock is on.
export function PasswordInput({ className, onKeyUp, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  const t = useTexts("common");
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const watch = (event: KeyboardEvent<HTMLInputElement>) => {
    setCaps(event.getModifierState?.("CapsLock") ?? false);
    onKeyUp?.(event);
  };
  return (
    <div>
      <div className="relative">
        <Input
          {...rest}
          type={shown ? "text" : "password"}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          onKeyUp={watch}
          onBlur={() => setCaps(false)}
          className={cx("pe-11", className)}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-label={t("showPassword")}
          title={shown ? t("hidePassword") : t("showPassword")}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-0 end-0 grid w-10 place-items-center rounded-control text-muted-foreground hover:text-foreground"
        >
          {shown ? <EyeOff aria-hidden="true" className="size-4.5" /> : <Eye aria-hidden="true" className="size-4.5" />}
        </button>
      </div>
      <p role="status" className={cx("text-sm text-warning", caps && "mt-1.5")}>
        {caps && t("capsLock")}
      </p>
    </div>
  );
}
