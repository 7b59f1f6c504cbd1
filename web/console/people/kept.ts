// What an administrator chose, kept in this browser under their id: columns,
// density and named views.
import { useState } from "react";
import { useMe } from "../guard";
import type { UsersSearch } from "./search";

export const columns = ["role", "status", "twoFactor", "created", "updated", "id"] as const;
export type Column = (typeof columns)[number];

export interface Look {
  columns: Column[];
  dense: boolean;
}

export interface View {
  name: string;
  search: UsersSearch;
}

function useKept<T>(name: string, fallback: T, valid: (value: T) => boolean): [T, (value: T) => void] {
  const key = `gatehouse-${name}:${useMe().user.id}`;
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = JSON.parse(localStorage.getItem(key) ?? "null") as T | null;
      return kept !== null && valid(kept) ? kept : fallback;
    } catch {
      return fallback;
    }
  });
  const keep = (next: T) => {
    setValue(next);
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } catch {
      // no room, or none wanted: it holds until the page is left
    }
  };
  return [value, keep];
}

export const useLook = () =>
  useKept<Look>("users-look", { columns: ["role", "status", "twoFactor", "created"], dense: false }, (look) => Array.isArray(look.columns) && look.columns.every((each) => columns.includes(each)));

export const useViews = () => useKept<View[]>("users-views", [], (views) => Array.isArray(views) && views.every((each) => typeof each.name === "string" && typeof each.search === "object"));
