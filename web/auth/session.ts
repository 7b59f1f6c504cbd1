// Who is signed in, asked once for a page.
import { useEffect, useState } from "react";
import { ask, client } from "./client";

export type Session = typeof client.$Infer.Session;

// useSession is undefined while the server is asked, and null for nobody.
export function useSession(): Session | null | undefined {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => {
    let here = true;
    void ask<Session>(client.getSession()).then(({ data }) => here && setSession(data));
    return () => void (here = false);
  }, []);
  return session;
}

// signOut ends the session and opens a page; a session that ended by itself
// is no obstacle.
export async function signOut(then: string) {
  await ask(client.signOut());
  location.assign(then);
}
