// What a user agent says of a device: enough to recognize one's own. It is a
// claim of the client, and proves nothing.
export interface Device {
  browser: string; // "" where it is not known
  os: string;
  kind: "desktop" | "mobile" | "tablet" | "unknown";
}

// The first that fits: most browsers also name those they descend from.
const browsers: [RegExp, string][] = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/(\b|Headless)(Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bVersion\/[\d.]+.*\bSafari\//, "Safari"],
  [/^curl\//, "curl"],
];

const systems: [RegExp, string, Device["kind"]][] = [
  [/\biPad\b/, "iPadOS", "tablet"],
  [/\b(iPhone|iPod)\b/, "iOS", "mobile"],
  [/\bAndroid\b.*\bMobile\b/, "Android", "mobile"],
  [/\bAndroid\b/, "Android", "tablet"],
  [/\bWindows NT\b/, "Windows", "desktop"],
  [/\bCrOS\b/, "ChromeOS", "desktop"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS", "desktop"],
  [/\bLinux\b/, "Linux", "desktop"],
];

const longest = 512;

export function parseUserAgent(text: string | null | undefined): Device {
  const agent = (text ?? "").slice(0, longest);
  const [, browser = ""] = browsers.find(([pattern]) => pattern.test(agent)) ?? [];
  const [, os = "", kind = "unknown"] = systems.find(([pattern]) => pattern.test(agent)) ?? [];
  return { browser, os, kind };
}
