// Who is signed in, for all account pages. The official client asks again
// whenever something changed that.
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { Button } from "ui/button";
import { useTexts } from "ui/i18n";
import { Alert } from "ui/alert";
import { client, faultText } from "../client";

export type User = typeof client.$Infer.Session.user;
export type Session = typeof client.$Infer.Session.session & { impersonatedBy?: string | null };

interface Me {
  user: User;
  session: Session;
  again: () => Promise<void>;
}

const MeContext = createContext<Me | null>(null);
export const useMe = () => useContext(MeContext)!;

let left = false;

// leave opens another page for good: a session that ends meanwhile is no
// reason to ask for a new one.
export function leave(path: string) {
  left = true;
  location.assign(path);
}

export function SignedIn({ children }: { children: ReactNode }) {
  const t = useTexts("account");
  const { data, isPending, error, refetch } = client.useSession();
  const nobody = !data && !isPending && !error;
  useEffect(() => {
    if (nobody && !left) location.replace("/auth/sign-in?" + new URLSearchParams({ callbackURL: location.pathname }));
  }, [nobody]);
  if (data) {
    return <MeContext value={{ user: data.user, session: data.session, again: async () => void (await refetch()) }}>{children}</MeContext>;
  }
  if (!error) return null;
  return (
    <main className="mx-auto grid max-w-md gap-4 px-4 py-16">
      <h1 className="text-xl">{t("fault.title")}</h1>
      <Alert tone="error">{faultText(t, error)}</Alert>
      <Button look="secondary" className="justify-self-start" onClick={() => void refetch()}>
        {t("retry")}
      </Button>
    </main>
  );
}
