// What a page reads from the server when it opens.
import { useCallback, useEffect, useRef, useState } from "react";
import { ask, type Fault } from "../client";

export interface Resource<T> {
  data?: T;
  fault?: Fault;
  reload: () => Promise<void>;
}

interface Answer<T> {
  data: T | null;
  error: Fault | null;
}

// useResource reads once; reload keeps what is there until there is news.
export function useResource<T>(read: () => Promise<Answer<T>>): Resource<T> {
  const [state, setState] = useState<{ data?: T; fault?: Fault }>({});
  const reader = useRef(read);
  reader.current = read;
  const here = useRef(true);
  const reload = useCallback(async () => {
    const { data, error } = await ask(reader.current());
    if (!here.current) return;
    setState((before) => (error ? { data: before.data, fault: error } : { data: data ?? undefined }));
  }, []);
  useEffect(() => {
    here.current = true;
    void reload();
    return () => void (here.current = false);
  }, [reload]);
  return { ...state, reload };
}
