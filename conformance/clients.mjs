#!/usr/bin/env node
// The official client, unmodified, against a server: the life of an account
// through better-auth/client and through better-auth/react.
//
//   node clients.mjs --subject-cmd <command>
//
// Prints a line per check and "N passed, N failed, 0 skipped"; exits 1 when one failed.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, inspect, parseArgs } from 'node:util';
import { startOutbox } from './lib/outbox.mjs';
import { startServer } from './lib/servers.mjs';
import { Browser, openWindow } from './lib/browser.mjs';
import { account, verified } from './lib/stories.mjs';

process.env.NODE_ENV = 'production'; // React as it is shipped
openWindow();
const { CLIENTS } = await import('./lib/screens.mjs');
const STORIES = { core: account, 'core-verify': verified }; // by profile

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: opt } = parseArgs({ options: { 'subject-cmd': { type: 'string' } } });
if (!opt['subject-cmd']) {
  console.error('--subject-cmd: the command that starts the server under test');
  process.exit(2);
}

let passed = 0;
let failed = 0;
function report(title, ok, detail) {
  ok ? passed++ : failed++;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${ok ? '' : `\n     ${detail}`}`);
}

/** what one story sees: its own addresses, devices and page on a server */
function world(title, base, outbox, { create, Screen }) {
  const nonce = Math.random().toString(36).slice(2, 8);
  const api = `${base}/api/auth`;
  return {
    api,
    show: (client) => new Screen(client),
    email: (label) => `${label}-${nonce}@example.test`,
    device(userAgent) {
      const browser = new Browser(base, userAgent);
      return { browser, client: create({ baseURL: api, fetchOptions: { customFetchImpl: browser.fetch } }) };
    },
    check: (label, got, want) => report(`${title}: ${label}`, isDeepStrictEqual(got, want), `got ${inspect(got)}, want ${inspect(want)}`),
    async mail(kind, to) {
      const message = await outbox.wait((m) => m.kind === kind && m.to === to);
      if (!message) throw new Error(`no ${kind} mail to ${to}`);
      return message.data;
    },
  };
}

for (const [name, story] of Object.entries(STORIES)) {
  const profile = JSON.parse(fs.readFileSync(path.join(here, 'profiles', `${name}.json`), 'utf8'));
  const outbox = await startOutbox();
  let server;
  try {
    server = await startServer({ command: opt['subject-cmd'], profile, outboxUrl: outbox.url, label: 'subject' });
    for (const [entry, client] of Object.entries(CLIENTS)) {
      const title = `${entry} ${name}`;
      await story(world(title, server.base, outbox, client)).catch((e) => report(title, false, e.stack));
    }
  } catch (e) {
    report(name, false, e.message);
  } finally {
    await server?.stop();
    await outbox.close();
  }
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
