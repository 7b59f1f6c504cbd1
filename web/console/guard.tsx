// Who is here, as the server says it: nobody goes to sign in, and who may not
// list users goes to the page that says so.
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useEffect, type ReactNode } from "react";
import { boot } from "ui/boot";
import { Button } from "ui/button";
import { Alert } from "ui/alert";
import { useTexts } from "ui/i18n";
import { ask, client, toSignIn } from "./client";

type Session = typeof client.$Infer.Session;

const Me = createContext<Session | null>(null);

export const useMe = () => useContext(Me)!;

async function admission(): Promise<Session | "nobody" | "refused"> {
  const session = await ask(client.getSession());
  if (!session) return "nobody";
  const may = await ask(client.admin.hasPermission({ permissions: { user: ["list"] } }));
  return may.success ? session : "refused";
}

export function Guard({ children }: { children: ReactNode }) {
  const t = useTexts("console");
  const { data, error, refetch } = useQuery({ queryKey: ["admission"], queryFn: admission, staleTime: 60_000, refetchOnWindowFocus: true });
  useEffect(() => {
    if (data === "nobody") toSignIn();
    if (data === "refused") location.replace("/auth/unauthorized");
  }, [data]);
  if (error) {
    return (
      <div className="mx-auto grid max-w-100 gap-4 px-4 py-16">
        <h1 className="text-xl">{boot.brand.name}</h1>
        <Alert tone="error">{t("error.network")}</Alert>
        <Button look="secondary" onClick={() => void refetch()}>
          {t("retry")}
        </Button>
      </div>
    );
  }
  if (!data || typeof data === "string") return <p className="sr-only">{t("loading")}</p>;
  return <Me value={data}>{children}</Me>;
}
