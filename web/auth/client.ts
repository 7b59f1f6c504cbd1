// The official client, and its faults as texts.
import { createAuthClient } from "better-auth/react";
import { boot } from "ui/boot";
import type { Key } from "ui/i18n";

export const client = createAuthClient({
  baseURL: location.origin + boot.base,
  fetchOptions: {
    onError: ({ response, error }) => {
      error.retryAfter = Number(response.headers.get("X-Retry-After") ?? response.headers.get("Retry-After") ?? 0);
    },
  },
});

export interface Fault {
  status?: number;
  code?: string;
  message?: string;
  retryAfter?: number;
}

// Common are the texts of every section.
interface Common {
  (key: Key<"common">, values?: Record<string, number>): string;
  known(key: string): string | undefined;
}

// faultText says in the person's language what went wrong; the server's own
// words where there are no better ones.
export function faultText(t: Common, fault: Fault): string {
  const known = fault.code && t.known(`error.${fault.code}`);
  if (known) return t(known as Key<"common">);
  if (fault.status === 429) return t("error.tooMany", { count: Math.max(1, Math.ceil(fault.retryAfter || 10)) });
  if (fault.status === 503) return t("error.busy");
  if (!fault.status) return t("error.network");
  return fault.message ? fault.message.replace(/\.?$/, ".") : t("error.unknown");
}

// ask calls the client; a server that cannot be reached is a fault too.
export async function ask<T>(call: Promise<{ data: T | null; error: Fault | null }>): Promise<{ data: T | null; error: Fault | null }> {
  try {
    return await call;
  } catch {
    return { data: null, error: {} };
  }
}
