// The provider's tokens, in the hands of the person they belong to.
import { accountOf, enter, link, member, newcomer } from '../lib/social.mjs';

const so = (name, run, profile = 'oauth-oidc') => ({ name: `tokens: ${name}`, profile, run });
const OPERATIONS = ['/get-access-token', '/refresh-token'];
const ask = (a, path, body, opts) => a.post(path, body, opts);
const info = (a, query, opts) => a.get('/account-info', { query, label: 'info', ...opts });

export default [
  so('an access token', async (t) => {
    const a = await newcomer(t, 'a');
    const acc = await accountOf(t, a, 'oidc');
    const r = await ask(a, '/get-access-token', { accountId: acc.id }, { expect: 200 });
    const again = await ask(a, '/get-access-token', { accountId: acc.id }, { label: 'again' });
    t.note('the same', r.body.accessToken === again.body.accessToken);
    const me = await fetch(`${t.oidc}/me`, { headers: { authorization: `Bearer ${r.body.accessToken}` } });
    t.note('good at the provider', me.status);
    await info(a, { accountId: acc.id });
  }),
  so('with the official client', async (t) => {
    const a = await newcomer(t, 'a');
    const acc = await accountOf(t, a, 'oidc');
    await a.use((c) => c.getAccessToken({ accountId: acc.id }), { expect: 200 });
    await a.use((c) => c.refreshToken({ accountId: acc.id }), { expect: 200 });
    await a.use((c) => c.accountInfo({ query: { accountId: acc.id } }), { expect: 200 });
    await a.use((c) => c.getAccessToken({ accountId: 'x' }));
    await a.use((c) => c.refreshToken({ useAccountCookie: true }));
    await a.use((c) => c.accountInfo({ query: { accountId: 'x' } }));
  }),
  so('an access token that ends is renewed', async (t) => {
    const a = await newcomer(t, 'a', 'brief');
    const acc = await accountOf(t, a, 'brief');
    const tokens = [];
    for (const label of ['first', 'second', 'third']) tokens.push((await ask(a, '/get-access-token', { accountId: acc.id }, { label, expect: 200 })).body.accessToken);
    t.note('three tokens', new Set(tokens).size);
    await info(a, { accountId: acc.id });
    await ask(a, '/refresh-token', { accountId: acc.id }, { label: 'the refresh token is the new one', expect: 200 });
  }),
  so('a provider that rotates', async (t) => {
    const a = await newcomer(t, 'a');
    const acc = await accountOf(t, a, 'oidc');
    const seen = [];
    for (const label of ['first', 'second', 'third']) seen.push((await ask(a, '/refresh-token', { accountId: acc.id }, { label, expect: 200 })).body.refreshToken);
    t.note('three refresh tokens', new Set(seen).size);
    await ask(a, '/get-access-token', { accountId: acc.id }, { label: 'the last access token' });
    await a.get('/list-accounts', { label: 'accounts' });
  }),
  so('a provider that returns no new refresh token', async (t) => {
    const a = await newcomer(t, 'a', 'steady');
    const acc = await accountOf(t, a, 'steady');
    const seen = [];
    for (const label of ['first', 'second', 'third']) seen.push((await ask(a, '/refresh-token', { accountId: acc.id }, { label, expect: 200 })).body.refreshToken);
    t.note('one refresh token', new Set(seen).size);
  }),
  so('a grant that was withdrawn', async (t) => {
    const a = await newcomer(t, 'a');
    const acc = await accountOf(t, a, 'oidc');
    const r = await ask(a, '/refresh-token', { accountId: acc.id });
    t.note('revoked', await t.oidcRevoke(r.body.refreshToken));
    await ask(a, '/refresh-token', { accountId: acc.id }, { label: 'refresh' });
    await ask(a, '/get-access-token', { accountId: acc.id }, { label: 'the token is handed out as long as it lives' });
    await info(a, { accountId: acc.id }, { label: 'info' });
    const b = await newcomer(t, 'b', 'brief');
    const brief = await accountOf(t, b, 'brief');
    const token = await ask(b, '/refresh-token', { accountId: brief.id });
    await t.oidcRevoke(token.body.refreshToken, 'brief');
    await ask(b, '/get-access-token', { accountId: brief.id }, { label: 'to be renewed' });
    await info(b, { accountId: brief.id }, { label: 'info, to be renewed' });
    await enter(t, b, 'brief', b.claims, {}, { label: 'a new sign-in' });
    await ask(b, '/get-access-token', { accountId: brief.id }, { label: 'and all is well' });
  }),
  so('accounts of others, and of nobody', async (t) => {
    const a = await newcomer(t, 'a');
    const b = await newcomer(t, 'b');
    const acc = await accountOf(t, a, 'oidc');
    const nobody = t.actor('nobody');
    for (const path of OPERATIONS) {
      await ask(b, path, { accountId: acc.id }, { label: `${path} another person` });
      await ask(b, path, { accountId: acc.id, userId: a.user.id }, { label: `${path} in their name` });
      await ask(a, path, { accountId: acc.id, userId: b.user.id }, { label: `${path} mine, another name` });
      await ask(nobody, path, { accountId: acc.id }, { label: `${path} signed out` });
      await ask(nobody, path, { accountId: acc.id, userId: a.user.id }, { label: `${path} signed out, in their name` });
      await ask(a, path, { accountId: acc.accountId }, { label: `${path} the provider's name for it` });
    }
    await info(b, { accountId: acc.id }, { label: 'info another person' });
    await info(b, { accountId: acc.id, userId: a.user.id }, { label: 'info in their name' });
    await info(nobody, { accountId: acc.id }, { label: 'info signed out' });
  }),
  so('selections that make no sense', async (t) => {
    const a = await newcomer(t, 'a');
    const acc = await accountOf(t, a, 'oidc');
    const selections = {
      nothing: {},
      both: { accountId: acc.id, useAccountCookie: true },
      'the cookie, which there is none': { useAccountCookie: true },
      'cookie false': { useAccountCookie: false },
      'cookie as text': { useAccountCookie: 'true' },
      'number': { accountId: 7 },
      'null': { accountId: null },
      'empty': { accountId: '' },
      'too much': { accountId: acc.id, providerId: 'oidc' },
      'by provider': { providerId: 'oidc' },
      'user is a number': { accountId: acc.id, userId: 7 },
      'list': [acc.id],
    };
    for (const path of OPERATIONS) for (const [label, body] of Object.entries(selections)) await ask(a, path, body, { label: `${path} ${label}` });
    for (const [label, query] of Object.entries({ nothing: {}, cookie: { useAccountCookie: true }, both: { accountId: acc.id, useAccountCookie: true }, twice: { accountId: [acc.id, acc.id] }, 'too much': { accountId: acc.id, providerId: 'oidc' }, empty: { accountId: '' } }))
      await info(a, query, { label: `info ${label}` });
    await ask(t.actor('nobody'), '/get-access-token', {}, { label: 'signed out' });
    await a.get('/get-access-token', { label: 'GET' });
  }),
  so('accounts without tokens', async (t) => {
    const m = await member(t, 'm');
    const acc = await accountOf(t, m, 'credential');
    for (const path of OPERATIONS) await ask(m, path, { accountId: acc.id }, { label: path });
    await info(m, { accountId: acc.id });
    const a = t.actor('a');
    const who = { aud: 'oidc', sub: `bare-${t.h}${t.nonce}`, email: t.email('bare'), email_verified: true, name: 'Bare' };
    await t.setup(async () => a.post('/sign-in/social', { provider: 'oidc', idToken: { token: await t.idToken(who) } }));
    const bare = await accountOf(t, a, 'oidc');
    for (const path of OPERATIONS) await ask(a, path, { accountId: bare.id }, { label: `${path} from an ID token` });
    await info(a, { accountId: bare.id }, { label: 'info from an ID token' });
  }),
  so('what providers tell', async (t) => {
    for (const provider of ['inline', 'es256', 'unbound', 'formpost']) {
      const a = await newcomer(t, provider, provider);
      await info(a, { accountId: (await accountOf(t, a, provider)).id }, { label: provider });
    }
    const h = t.actor('hand');
    const c = { id: `hand-${t.h}${t.nonce}`, email: t.email('hand'), email_verified: true, name: 'Hand', extra: { deep: [1, null, 'x'] }, big: 9007199254740991, share: 0.5 };
    await t.setup(async () => h.get(await t.idpCode((await h.post('/sign-in/social', { provider: 'manual', callbackURL: '/home' })).body.url, c, { noIdToken: true }), { origin: null, label: 'callback' }));
    const acc = await accountOf(t, h, 'manual');
    await info(h, { accountId: acc.id }, { label: 'manual' });
    await ask(h, '/get-access-token', { accountId: acc.id }, { label: 'manual token' });
    await ask(h, '/refresh-token', { accountId: acc.id }, { label: 'manual refresh' });
  }),
  so('several accounts of one person', async (t) => {
    const a = await newcomer(t, 'a');
    await t.setup(() => link(t, a, 'steady', a.claims));
    const seen = [];
    for (const provider of ['oidc', 'steady']) {
      const acc = await accountOf(t, a, provider);
      seen.push((await ask(a, '/get-access-token', { accountId: acc.id }, { label: provider })).body.accessToken);
    }
    t.note('two tokens', new Set(seen).size);
  }),
];
