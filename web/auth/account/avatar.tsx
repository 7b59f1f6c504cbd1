import { useState } from "react";
import { cx } from "ui/cx";
import type { User } from "./me";

// shows reports whether the content policy lets the page load a picture: ours
// only, since a load from elsewhere tells that place who looks at it.
function shows(image: string | null | undefined): image is string {
  try {
    return !!image && new URL(image, location.origin).origin === location.origin;
  } catch {
    return false;
  }
}

function initials({ name, email }: User): string {
  const words = name.normalize("NFC").match(/[\p{L}\p{N}]+/gu) ?? [email];
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : [words[0]!];
  return letters.map((word) => [...word][0]).join("").toLocaleUpperCase();
}

// Avatar is decoration: the name stands beside it.
export function Avatar({ user, className }: { user: User; className?: string }) {
  const [broken, setBroken] = useState("");
  if (shows(user.image) && broken !== user.image) {
    return <img src={user.image} alt="" onError={() => setBroken(user.image!)} className={cx("shrink-0 rounded-full border object-cover", className)} />;
  }
  return (
    <span aria-hidden="true" className={cx("grid shrink-0 place-items-center rounded-full bg-primary font-semibold text-primary-foreground select-none", className)}>
      {initials(user)}
    </span>
  );
}
