// What the server wrote into the page: everything the first paint needs, and
// nothing that is not public. web/boot.go is its other half.
export interface Question {
  name: string;
  label: string;
  required: boolean;
  maxLength: number;
}

export interface Boot {
  app: string;
  base: string; // the path of the protocol, "/api/auth"
  locale: string;
  locales: string[];
  theme: "" | "light" | "dark";
  methods: {
    password: boolean;
    reset: boolean; // a forgotten password can be replaced by mail
    verification: boolean; // addresses can be proved by mail
    passkey: boolean;
    social: { id: string; name: string }[];
  };
  registration: {
    mode: "open" | "approval" | "invite" | "closed";
    requireReason: boolean;
    questions: Question[];
  };
  account: {
    changeEmail: boolean;
    agreeFirst: boolean; // the old address is asked before the new one
    delete: boolean;
    activity: boolean;
    data: boolean;
  };
  password: { min: number; max: number; revokes: boolean }; // revokes: a reset ends all sessions
  brand: { name: string; logo?: string; logoDark?: string; terms?: string; privacy?: string; support?: string };
}

export const boot: Boot = JSON.parse(document.getElementById("boot")!.textContent!);

// remember keeps a choice of how pages look where the server sees it too, so
// that the next page is right from its first paint.
export function remember(name: "gatehouse-theme" | "gatehouse-language", value: string) {
  const life = value === "" ? 0 : 400 * 24 * 3600;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${life}; SameSite=Lax${secure}`;
}
