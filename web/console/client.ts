// The official client with its admin plugin.
import { adminClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
import { boot } from "ui/boot";

export const client = createAuthClient({ baseURL: location.origin + boot.base, plugins: [adminClient()] });

// Refusal is an answer of the server that is not success.
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

// ask gives the data of a call, or throws a Refusal, as queries want it.
export async function ask<T>(call: Promise<{ data: T | null; error: { status?: number; code?: string; message?: string } | null }>): Promise<T> {
  const { data, error } = await call;
  if (error) throw new Refusal(error.status ?? 0, error.code ?? "", error.message ?? "");
  return data as T;
}

// toSignIn leaves for the sign-in page and comes back here afterwards.
export function toSignIn() {
  location.replace("/auth/sign-in?" + new URLSearchParams({ callbackURL: location.pathname + location.search }));
}
