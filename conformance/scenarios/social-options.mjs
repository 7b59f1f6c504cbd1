// The options of accounts and linking.
import { accountOf, begin, comeBack, enter, link, list, member, newcomer, person } from '../lib/social.mjs';

const mk = (profile) => (name, run) => ({ name: `${profile}: ${name}`, profile, run });
const ck = mk('oauth-cookies');
const tr = mk('oauth-trusting');
const un = mk('oauth-unlinked');
const ex = mk('oauth-explicit');
const STATE = 'better-auth.oauth_state';

export default [
  ck('sign in, and again', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'a');
    await enter(t, a, 'oidc', who, { newUserCallbackURL: '/welcome', additionalData: { plan: 'pro', oauthState: 'x' } });
    await a.session();
    await list(a);
    await enter(t, a, 'oidc', who, { newUserCallbackURL: '/welcome' });
  }),
  ck('the state is one browser\'s, and good once', async (t) => {
    const a = t.actor('a');
    const back = await t.oidcLogIn(await begin(t, a, 'oidc'), person(t, 'a'));
    const thief = t.actor('thief');
    await thief.get(back.url, { label: 'no cookie' });
    await t.setup(() => begin(t, thief, 'oidc'));
    await thief.get(back.url, { label: 'a cookie of its own' });
    const torn = a.twin('torn');
    torn.jar.set(STATE, `${a.jar.get(STATE).slice(0, -6)}AAAAAA`);
    await torn.get(back.url, { label: 'a torn cookie' });
    torn.jar.set(STATE, 'x');
    await torn.get(back.url, { label: 'no real cookie' });
    await a.get(back.url, { label: 'the owner' });
    await a.get(back.url, { label: 'again' });
    await a.get('/callback/oidc', { query: { code: 'x' }, label: 'no state' });
  }),
  ck('the provider says no', async (t) => {
    const a = t.actor('a');
    await enter(t, a, 'oidc', { deny: {} });
    await enter(t, a, 'oidc', { deny: { error: 'a\r\nb', error_description: '<b>' } });
  }),
  ck('tokens by the account cookie', async (t) => {
    const a = await newcomer(t, 'a');
    const by = { useAccountCookie: true };
    const acc = await accountOf(t, a, 'oidc');
    const one = await a.post('/get-access-token', by);
    const two = await a.post('/get-access-token', { accountId: acc.id }, { label: 'by id' });
    t.note('the same', one.body.accessToken === two.body.accessToken);
    await a.post('/refresh-token', by, { label: 'refresh by cookie' });
    await a.post('/refresh-token', { accountId: acc.id }, { label: 'refresh by id' });
    await a.get('/account-info', { query: { accountId: acc.id }, label: 'info' });
    await a.get('/account-info', { query: by, label: 'info by cookie' });
    await a.post('/get-access-token', { ...by, accountId: acc.id }, { label: 'both' });
    await a.use((c) => c.getAccessToken(by));
  }),
  ck('an access token that ends is renewed, in the cookie too', async (t) => {
    const a = await newcomer(t, 'a', 'brief');
    const seen = [];
    for (const label of ['first', 'second', 'third']) seen.push((await a.post('/get-access-token', { useAccountCookie: true }, { label, expect: 200 })).body.accessToken);
    t.note('three tokens', new Set(seen).size);
  }),
  ck('the account cookie of another person', async (t) => {
    const a = await newcomer(t, 'a');
    const b = await newcomer(t, 'b');
    const mixed = b.twin('mixed');
    for (const n of a.jar.names()) if (n.includes('account_data')) mixed.jar.set(n, a.jar.get(n));
    for (const path of ['/get-access-token', '/refresh-token']) await mixed.post(path, { useAccountCookie: true }, { label: `${path} another person` });
    const out = t.actor('out');
    for (const n of a.jar.names()) if (n.includes('account_data')) out.jar.set(n, a.jar.get(n));
    await out.post('/get-access-token', { useAccountCookie: true }, { label: 'no session' });
    await a.post('/sign-out', {});
    await a.post('/get-access-token', { useAccountCookie: true }, { label: 'after a sign-out' });
  }),
  ck('linking', async (t) => {
    const m = await member(t, 'm');
    await m.post('/get-access-token', { useAccountCookie: true }, { label: 'no cookie' });
    await link(t, m, 'oidc', person(t, 'm', { email: m.mailAddress }));
    await m.post('/get-access-token', { useAccountCookie: true }, { label: 'after a link' });
    await m.post('/get-access-token', { accountId: (await accountOf(t, m, 'oidc')).id }, { label: 'by id' });
    await link(t, m, 'oidc', person(t, 'm', { email: m.mailAddress }), { scopes: ['things'] });
    await list(m);
  }),
  ck('an ID token', async (t) => {
    const a = t.actor('a');
    const token = await t.idToken({ aud: 'oidc', ...person(t, 'a') });
    await a.post('/sign-in/social', { provider: 'oidc', idToken: { token, accessToken: 'at-1234567890', refreshToken: 'rt-1' } });
    await a.post('/get-access-token', { useAccountCookie: true });
    await a.post('/refresh-token', { useAccountCookie: true });
  }),
  ck('a provider that returns no new refresh token', async (t) => {
    const a = await newcomer(t, 'a', 'steady');
    const acc = await accountOf(t, a, 'steady');
    const seen = [];
    for (const label of ['first', 'second']) seen.push((await a.post('/refresh-token', { accountId: acc.id }, { label, expect: 200 })).body.refreshToken);
    t.note('one refresh token', new Set(seen).size);
  }),

  tr('an address is linked whoever proved it', async (t) => {
    const m = await member(t, 'm');
    const b = t.actor('b');
    await enter(t, b, 'oidc', person(t, 'm', { email: m.mailAddress, email_verified: false, name: 'From There' }));
    await b.session();
    await list(b);
    const c = t.actor('c');
    await enter(t, c, 'verified', person(t, 'm', { email: m.mailAddress, email_verified: false }), {}, { label: 'not a trusted provider' });
    await enter(t, c, 'override', person(t, 'm', { email: m.mailAddress, name: 'Another' }), {}, { label: 'not trusted, but proved there' });
    await c.session();
  }),
  tr('linking another address', async (t) => {
    const m = await member(t, 'm');
    await link(t, m, 'oidc', person(t, 'other', { name: 'Other Name', email_verified: false }));
    await m.session();
    await link(t, m, 'verified', person(t, 'third', { name: undefined }));
    await m.session();
    await m.post('/link-social', { provider: 'override', idToken: { token: await t.idToken({ aud: 'oidc', ...person(t, 'fourth', { name: 'Fourth' }) }) } });
    await m.session();
    await link(t, m, 'oidc', person(t, 'nomail', { email: undefined }), {}, { label: 'no address' });
    await list(m);
    const b = t.actor('b');
    await enter(t, b, 'oidc', person(t, 'other', { email_verified: false }));
    await b.session();
  }),
  tr('a sign-in leaves the account as it was', async (t) => {
    const a = await newcomer(t, 'a');
    const acc = await accountOf(t, a, 'oidc');
    const before = await a.post('/get-access-token', { accountId: acc.id });
    await enter(t, a, 'oidc', { ...a.claims, name: 'Changed' });
    const after = await a.post('/get-access-token', { accountId: acc.id }, { label: 'after a sign-in' });
    t.note('the same', before.body.accessToken === after.body.accessToken);
    await a.session();
  }),
  tr('the last account may go', async (t) => {
    const a = await newcomer(t, 'a');
    await a.post('/unlink-account', { accountId: (await accountOf(t, a, 'oidc')).id });
    await list(a);
    await enter(t, t.actor('b'), 'oidc', a.claims, {}, { label: 'and comes back' });
    await list(a);
  }),
  tr('mails for addresses that are not proved', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'a', { email_verified: false });
    await enter(t, a, 'oidc', who, { callbackURL: '/mine' });
    await a.session();
    await t.mail('verification-email', who.email);
    const other = person(t, 'b', { email_verified: false });
    const b = t.actor('b');
    await enter(t, b, 'verified', other);
    await t.mail('verification-email', other.email);
    await enter(t, b, 'verified', other);
    await t.mailCount('verification-email', other.email);
  }),

  un('an address is never linked', async (t) => {
    const a = await newcomer(t, 'a');
    await enter(t, t.actor('b'), 'formpost', a.claims);
    const r = await t.actor('c').post('/sign-in/social', { provider: 'formpost', idToken: { token: await t.idToken({ aud: 'oidc', ...a.claims }) } });
    t.note('answered', r.status);
    await link(t, a, 'formpost', a.claims);
    await a.post('/link-social', { provider: 'formpost', idToken: { token: await t.idToken({ aud: 'oidc', ...a.claims }) } });
    await link(t, a, 'oidc', a.claims, {}, { label: 'what is linked already' });
    await a.post('/link-social', { provider: 'oidc', idToken: { token: await t.idToken({ aud: 'oidc', ...a.claims }) } }, { label: 'what is linked already, by ID token' });
    await list(a);
  }),
  un('the state without its cookie', async (t) => {
    const a = t.actor('a');
    const url = await begin(t, a, 'oidc');
    const b = t.actor('b');
    await comeBack(t, b, url, person(t, 'a'), { label: 'another browser' });
    await b.session();
    await comeBack(t, a, url, person(t, 'a'), { label: 'the state is used up' });
  }),
  un('the page for errors', async (t) => {
    const a = t.actor('a');
    await a.get('/callback/oidc', { query: { state: 'x', code: 'y' }, label: 'no such state' });
    await enter(t, a, 'oidc', { deny: {} }, { errorCallbackURL: undefined });
    await enter(t, a, 'oidc', { deny: {} });
  }),

  ex('an address is linked only by hand', async (t) => {
    const a = await newcomer(t, 'a');
    await enter(t, t.actor('b'), 'verified', a.claims);
    await link(t, a, 'verified', a.claims);
    await list(a);
    await enter(t, t.actor('c'), 'verified', a.claims);
  }),
  ex('an unproved identity of a trusted provider', async (t) => {
    const m = await member(t, 'm');
    await link(t, m, 'oidc', person(t, 'm', { email: m.mailAddress, email_verified: false }));
    await link(t, m, 'verified', person(t, 'v', { email: m.mailAddress, email_verified: false }));
    await m.post('/link-social', { provider: 'verified', idToken: { token: await t.idToken({ aud: 'oidc', ...person(t, 'w'), email: m.mailAddress, email_verified: false }) } });
    await list(m);
  }),
  ex('no mail at sign-up', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'a', { email_verified: false });
    await enter(t, a, 'verified', who);
    await enter(t, a, 'verified', who);
    await t.mailCount('verification-email', who.email);
    await a.session();
  }),
];
