// What is done to one person. Bans and roles show at once and can be taken back
// for ten seconds; everything else shows when the server has done it.
import { useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useTexts } from "ui/i18n";
import { toast } from "ui/toast";
import type { Person, PersonDetail, UserPage } from "../api";
import { ask, client } from "../client";
import { withProof } from "../proof";
import { useFault } from "./fault";

export interface BanTerms {
  reason: string;
  seconds?: number; // undefined: for good
}

export type Actions = ReturnType<typeof useActions>;

export function useActions() {
  const t = useTexts("people");
  const say = useFault();
  const queries = useQueryClient();

  const patch = (id: string, change: Partial<Person>) => {
    queries.setQueriesData<InfiniteData<UserPage>>({ queryKey: ["users", "list"] }, (all) =>
      all && { ...all, pages: all.pages.map((page) => ({ ...page, users: page.users.map((each) => (each.id === id ? { ...each, ...change } : each)) })) },
    );
    queries.setQueryData<PersonDetail>(["user", id], (one) => one && { ...one, user: { ...one.user, ...change } });
  };
  const fresh = (id: string) => {
    void queries.invalidateQueries({ queryKey: ["user", id] });
    void queries.invalidateQueries({ queryKey: ["users", "list"], refetchType: "none" });
    void queries.invalidateQueries({ queryKey: ["sessions"] });
  };
  const refused = (fault: unknown) => toast({ tone: "error", text: say(fault) });

  // attempt shows `after` at once, and `before` again if the server refuses.
  const attempt = async (id: string, before: Partial<Person>, after: Partial<Person>, call: () => Promise<unknown>) => {
    patch(id, after);
    try {
      await withProof(call);
      fresh(id);
      return true;
    } catch (fault) {
      patch(id, before);
      refused(fault);
      return false;
    }
  };
  // later waits for the server, then says that it is done.
  const later = async (id: string, call: () => Promise<unknown>, done: string, gone?: boolean) => {
    try {
      await withProof(call);
      if (!gone) fresh(id);
      toast({ text: done });
      return true;
    } catch (fault) {
      refused(fault);
      return false;
    }
  };

  const standing = ({ status, banReason, banExpires }: Person) => ({ status, banReason, banExpires });
  const unbanned = (person: Person): Partial<Person> => ({ status: person.emailVerified ? "active" : "unverified", banReason: null, banExpires: null });
  const ban = async (person: Person, { reason, seconds }: BanTerms) => {
    const after: Partial<Person> = { status: "banned", banReason: reason || null, banExpires: seconds ? new Date(Date.now() + seconds * 1000).toISOString() : null };
    const call = () => ask(client.admin.banUser({ userId: person.id, ...(reason && { banReason: reason }), ...(seconds && { banExpiresIn: seconds }) }));
    if (await attempt(person.id, standing(person), after, call)) {
      toast({ text: t("done.ban", { name: person.name || person.email }), action: { label: t("undo"), run: () => void unban({ ...person, ...after } as Person, true) } });
    }
  };
  const unban = async (person: Person, quiet?: boolean) => {
    const call = () => ask(client.admin.unbanUser({ userId: person.id }));
    if (await attempt(person.id, standing(person), unbanned(person), call)) {
      toast({ text: quiet ? t("done.unbanUndo", { name: person.name || person.email }) : t("done.unban", { name: person.name || person.email }) });
    }
  };
  const setRoles = async (person: Person, roles: string[], undone?: boolean) => {
    const before = { role: person.role, roles: person.roles };
    const after = { role: roles.join(","), roles };
    const call = () => ask(client.admin.setRole({ userId: person.id, role: roles as never }));
    if (await attempt(person.id, before, after, call)) {
      toast({
        text: t("done.role", { name: person.name || person.email, roles: roles.join(", ") }),
        action: undone ? undefined : { label: t("undo"), run: () => void setRoles({ ...person, ...after }, before.roles, true) },
      });
    }
  };
  const resetPassword = (person: Person) =>
    later(person.id, () => ask(client.requestPasswordReset({ email: person.email, redirectTo: "/auth/reset-password" })), t("done.reset", { email: person.email }));
  const revokeSessions = (person: Person) => later(person.id, () => ask(client.admin.revokeUserSessions({ userId: person.id })), t("done.revoke", { name: person.name || person.email }));
  const remove = async (person: Person) => {
    const done = await later(person.id, () => ask(client.admin.removeUser({ userId: person.id })), t("done.remove", { name: person.name || person.email }), true);
    if (done) {
      queries.setQueriesData<InfiniteData<UserPage>>({ queryKey: ["users", "list"] }, (all) =>
        all && { ...all, pages: all.pages.map((page) => ({ ...page, users: page.users.filter((each) => each.id !== person.id), count: page.count && { ...page.count, value: Math.max(0, page.count.value - 1) } })) },
      );
    }
    return done;
  };
  // impersonate leaves for the account pages, as that person.
  const impersonate = async (person: Person) => {
    try {
      await withProof(() => ask(client.admin.impersonateUser({ userId: person.id })));
      location.assign("/account");
    } catch (fault) {
      refused(fault);
    }
  };
  return { patch, fresh, ban, unban, setRoles, resetPassword, revokeSessions, remove, impersonate };
}
