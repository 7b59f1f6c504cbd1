// Texts by key, in the language of the page. Catalogues are ui/locales/*.json:
// sections of keys, each a text with {names}, or one text for each plural form
// that the language has, chosen by {count}.
import { createContext, Fragment, useContext, useState, type ReactNode } from "react";
import type catalogue from "ui/locales/en.json";
import { boot, remember } from "ui/boot";
import { announce } from "ui/live";

type Catalogue = typeof catalogue;
export type Section = keyof Catalogue;
export type Key<S extends Section> = (keyof Catalogue[S] | keyof Catalogue["common"]) & string;
type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Sections = Partial<Record<Section, Record<string, Text>>>;

// Source is what `import texts from "texts:common+auth"` gives.
export interface Source {
  en: Sections;
  load: Record<string, () => Promise<{ default: Sections }>>;
}

const names: Record<string, string> = { en: "English", de: "Deutsch", es: "Español", fr: "Français", ar: "العربية", ja: "日本語" };
export const languages = boot.locales.map((id) => ({ id, name: names[id] ?? id }));

let language = boot.locale;
const sources: Source[] = [];
const english: Sections = {};
let local: Sections = {};

async function loaded(source: Source, id: string): Promise<Sections> {
  return id === "en" ? {} : ((await source.load[id]?.())?.default ?? {});
}

// addTexts makes a part's texts known, in the present language.
export async function addTexts(source: Source) {
  sources.push(source);
  Object.assign(english, source.en);
  Object.assign(local, await loaded(source, language));
}

type Values = Record<string, string | number>;

function text(section: Section, key: string, values?: Values): string {
  const found = local[section]?.[key] ?? local.common?.[key] ?? english[section]?.[key] ?? english.common?.[key] ?? key;
  const count = Number(values?.count ?? 0);
  const form = typeof found === "string" ? found : (found[new Intl.PluralRules(language).select(count)] ?? found.other ?? key);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values?.[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? new Intl.NumberFormat(language).format(value) : value;
  });
}

interface Language {
  id: string;
  choose: (id: string) => Promise<void>;
}

const LanguageContext = createContext<Language>({ id: language, choose: async () => {} });

// Languages gives its children the texts, again when the language changes.
export function Languages({ children }: { children: ReactNode }) {
  const [id, setID] = useState(language);
  const choose = async (next: string) => {
    const all = await Promise.all(sources.map((source) => loaded(source, next)));
    local = Object.assign({}, ...all);
    language = next;
    remember("gatehouse-language", next);
    document.documentElement.lang = next;
    document.documentElement.dir = next === "ar" ? "rtl" : "ltr";
    setID(next);
    announce(names[next] ?? next);
  };
  return <LanguageContext value={{ id, choose }}>{children}</LanguageContext>;
}

export const useLanguage = () => useContext(LanguageContext);

export interface Translate<S extends Section> {
  (key: Key<S>, values?: Values): string;
  // known is the key of a text, from a code that the server sent, if there is one.
  known(key: string): Key<S> | undefined;
  // rich puts elements where the text has {names}.
  rich(key: Key<S>, parts: Record<string, ReactNode>): ReactNode;
}

// useTexts gives the texts of one section, and the common ones.
export function useTexts<S extends Section>(section: S): Translate<S> {
  useContext(LanguageContext);
  const t = ((key, values) => text(section, key, values)) as Translate<S>;
  t.known = (key) => (english[section]?.[key] !== undefined || english.common?.[key] !== undefined ? (key as Key<S>) : undefined);
  t.rich = (key, parts) =>
    text(section, key)
      .split(/\{(\w+)\}/)
      .map((piece, i) => <Fragment key={i}>{i % 2 ? parts[piece] : piece}</Fragment>);
  return t;
}
