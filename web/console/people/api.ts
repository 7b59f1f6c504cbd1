// Requests for access, invitations and locks: what their plugins answer.
import { get, post } from "../api";

export interface Registration {
  id: string;
  state: "pending" | "approved" | "rejected";
  method: string;
  reason: string;
  answers: { name: string; label: string; value: string }[] | null;
  createdAt: string;
  user: { id: string; name: string; email: string; emailVerified: boolean; image: string | null };
}
export const registrations = (cursor?: string, signal?: AbortSignal) =>
  get<{ registrations: Registration[]; next: string | null }>("/registration/list", { cursor, limit: 100 }, signal);

export interface Outcome {
  id: string;
  state?: string;
  code?: string;
  message?: string;
}
export const approve = (ids: string[]) => post<{ results: Outcome[] }>("/registration/approve", { ids });
export const reject = (ids: string[], reason: string) => post<{ results: Outcome[] }>("/registration/reject", { ids, ...(reason && { reason }) });

export interface Invitation {
  id: string;
  email: string | null;
  mailed: boolean;
  role: string | null;
  maxUses: number;
  uses: number;
  expiresAt: string;
  revokedAt: string | null;
  createdAt: string;
  createdBy: string;
}
export const invitations = (cursor?: string, signal?: AbortSignal) =>
  get<{ invitations: Invitation[]; next: string | null }>("/registration/invitations", { cursor, limit: 50 }, signal);
export const invite = (body: { email?: string; sendEmail?: boolean; role?: string; maxUses?: number; expiresIn?: number }) =>
  post<{ invitation: Invitation; token: string | null; url: string | null }>("/registration/invite", body);
export const revokeInvitation = (id: string) => post<{ status: boolean }>("/registration/revoke-invitation", { id });

export interface Lock {
  id: string;
  kind: string;
  method: string;
  userId: string | null;
  address: string | null;
  failures: number;
  lastAt: string;
  until: string;
}
export const locks = (signal?: AbortSignal) => get<{ locks: Lock[] }>("/lockout/list", {}, signal);
export const clearLock = (id: string) => post<{ ended: number }>("/lockout/clear", { id });
export const clearLocksOf = (userId: string) => post<{ ended: number }>("/lockout/clear", { userId });
