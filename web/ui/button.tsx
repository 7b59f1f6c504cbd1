import type { ButtonHTMLAttributes } from "react";
import { cx } from "ui/cx";
import { Loader2 } from "ui/icons";

export type Look = "primary" | "secondary" | "ghost" | "destructive";
export type Size = "small" | "medium" | "large";

const base =
  "relative inline-flex items-center justify-center gap-2 rounded-control font-medium whitespace-nowrap select-none transition-colors duration-150 " +
  "disabled:opacity-55 aria-disabled:cursor-default pointer-coarse:min-h-11";

const looks: Record<Look, string> = {
  primary: "bg-primary text-primary-foreground hover:bg-primary-hover active:bg-primary-hover",
  secondary: "border border-input bg-card text-foreground hover:bg-muted active:bg-muted",
  ghost: "text-foreground hover:bg-muted active:bg-muted",
  destructive: "border border-destructive bg-card text-destructive hover:bg-muted active:bg-muted",
};

const sizes: Record<Size, string> = {
  small: "h-8 px-3 text-dense",
  medium: "h-9 px-3.5 text-sm",
  large: "h-10 px-4 text-base",
};

// buttonClass makes a link look like a button.
export const buttonClass = (look: Look = "primary", size: Size = "large", className?: string) => cx(base, looks[look], sizes[size], className);

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  size?: Size;
  // busy keeps the focus, and presses do nothing.
  busy?: boolean;
}

export function Button({ look = "primary", size = "large", busy, className, type = "button", children, onClick, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={busy ? "button" : type}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonClass(look, size, className)}
    >
      {busy && <Loader2 aria-hidden="true" className="absolute size-4 animate-spin" />}
      <span className={cx("inline-flex items-center gap-2", busy && "opacity-0")}>{children}</span>
    </button>
  );
}
