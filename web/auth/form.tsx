// What the forms share: one submission at a time, faults above the fields or
// at their field, and the focus where the person has to look.
import { useRef, useState, type FormEvent } from "react";
import { useTexts } from "ui/i18n";
import { faultText, type Fault } from "./client";

export type Faults = Partial<Record<string, string>>;

export interface Submission {
  busy: boolean;
  error: string; // of the whole form
  faults: Faults; // by the names of fields
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

// useForm gives a form's state. check finds what is wrong before anything is
// sent; send returns the server's fault, or null when all is well.
export function useForm(check: (values: Record<string, string>) => Faults, send: (values: Record<string, string>) => Promise<Fault | null | undefined>): Submission {
  const t = useTexts("common");
  const sending = useRef(false);
  const [state, setState] = useState({ busy: false, error: "", faults: {} as Faults });
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (sending.current) return;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const faults = check(values);
    setState({ busy: false, error: "", faults });
    const first = [...form.elements].find((element) => faults[(element as HTMLInputElement).name]);
    if (first) return (first as HTMLElement).focus();
    sending.current = true;
    setState({ busy: true, error: "", faults: {} });
    const fault = await send(values);
    sending.current = false;
    setState({ busy: false, error: fault ? faultText(t, fault) : "", faults: {} });
  };
  return { ...state, onSubmit: (event) => void onSubmit(event) };
}

// emailFault is what is wrong with an address that was typed. The server
// judges again.
export function useEmailFault() {
  const t = useTexts("common");
  return (email = "") => (!email.trim() ? t("emailMissing") : /^\S+@\S+$/.test(email.trim()) ? undefined : t("emailWrong"));
}
