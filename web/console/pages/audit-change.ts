// What an entry of the audit log says of a change. Details may hold both states
// ({before, after} or {from, to}, of one value or of several); otherwise they are
// compared with those of the entry before.
export type Details = Record<string, unknown>;

export interface Change {
  name: string;
  before?: unknown; // undefined: not known, or the same
  after: unknown;
}

const isObject = (value: unknown): value is Details => typeof value === "object" && value !== null && !Array.isArray(value);

function pair(value: unknown): [unknown, unknown] | null {
  if (!isObject(value)) return null;
  const names = Object.keys(value).sort().join();
  if (names === "after,before") return [value.before, value.after];
  if (names === "from,to") return [value.from, value.to];
  return null;
}

export function changes(details: unknown, earlier?: Details): Change[] {
  if (!isObject(details)) return details === undefined || details === null ? [] : [{ name: "details", after: details }];
  const whole = pair(details);
  if (whole && isObject(whole[0]) && isObject(whole[1])) {
    const [before, after] = whole as [Details, Details];
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }));
  }
  return Object.entries(details).map(([name, value]) => {
    const both = pair(value);
    if (both) return { name, before: both[0] ?? null, after: both[1] };
    const was = earlier?.[name];
    return was !== undefined && JSON.stringify(was) !== JSON.stringify(value) ? { name, before: was, after: value } : { name, after: value };
  });
}

// shown is a value as people read it: texts bare, the rest as JSON.
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
