// One of a few, side by side.
import { useId, type ReactNode } from "react";
import { cx } from "ui/cx";

interface Props<T extends string> {
  label: string;
  value: T;
  options: { value: T; label: ReactNode }[];
  onChange: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="inline-flex max-w-full flex-wrap rounded-control border bg-muted p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={cx(
            "flex h-7 cursor-pointer items-center gap-1.5 rounded-[0.25rem] border px-2.5 text-dense font-medium pointer-coarse:h-10 has-focus-visible:outline-2 has-focus-visible:outline-ring",
            option.value === value ? "bg-card text-foreground" : "border-transparent text-muted-foreground hover:text-foreground",
          )}
        >
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} className="sr-only" />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
