// Sign-in and linking with an ID token that a native app has from the provider.
import { accountOf, enter, link, list, member, newcomer, person } from '../lib/social.mjs';

const so = (name, run, profile = 'oauth-oidc') => ({ name: `id token: ${name}`, profile, run });
const now = () => Math.floor(Date.now() / 1000);
const signIn = (a, idToken, body = {}, opts) => a.post('/sign-in/social', { provider: 'oidc', idToken, ...body }, opts);
const claimsOf = (t, label, over) => ({ aud: 'oidc', ...person(t, label), ...over });
const IN_TOKEN = '{"id_token":{"email":null,"email_verified":null,"name":null,"picture":null}}';

/** tokens that are no proof, by what is wrong with them */
const bad = async (t) => {
  const c = claimsOf(t, 'bad');
  const good = await t.idToken(c);
  const [head, , signature] = good.split('.');
  const changed = Buffer.from(JSON.stringify({ ...c, iss: t.oidc, iat: now(), exp: now() + 600, email: 'root@example.test' })).toString('base64url');
  return {
    'wrong audience': await t.idToken({ ...c, aud: 'another' }),
    'no audience': await t.idToken({ ...c, aud: null }),
    'another issuer': await t.idToken({ ...c, iss: 'https://evil.example.net' }),
    'no issuer': await t.idToken({ ...c, iss: null }),
    'an hour old': await t.idToken({ ...c, iat: now() - 7200, exp: now() - 3600 }),
    'no end': await t.idToken({ ...c, exp: null }),
    'no beginning': await t.idToken({ ...c, iat: null }),
    'not valid yet': await t.idToken({ ...c, nbf: now() + 3600 }),
    'nobody': await t.idToken({ ...c, sub: null }),
    'another key': await t.idToken(c, { key: 'stranger' }),
    'no signature': await t.idToken(c, { key: 'none' }),
    'the public key as a password': await t.idToken(c, { key: 'hmac' }),
    'an unknown key id': await t.idToken(c, { header: { kid: 'unknown' } }),
    'another algorithm': await t.idToken(c, { header: { alg: 'RS512' } }),
    'a critical header': await t.idToken(c, { header: { crit: ['x'], x: 1 } }),
    'changed claims': `${head}.${changed}.${signature}`,
    'signature cut off': `${good.split('.').slice(0, 2).join('.')}.`,
    'two parts': good.split('.').slice(0, 2).join('.'),
    'four parts': `${good}.x`,
    garbage: 'garbage',
    'three dots': '...',
    empty: '',
    'claims are a list': await t.idToken([1]),
  };
};

export default [
  so('somebody new, then the same person again', async (t) => {
    const a = t.actor('a');
    const token = await t.idToken(claimsOf(t, 'ann', { nonce: 'n-1' }));
    await signIn(a, { token, nonce: 'n-1' }, {}, { expect: 200 });
    await a.session();
    await list(a);
    const b = t.actor('b');
    await signIn(b, { token, nonce: 'n-1' }, { callbackURL: '/home', disableRedirect: true }, { label: 'again' });
    await signIn(t.actor('c'), { token }, {}, { label: 'the nonce is not compared' });
    await signIn(t.actor('d'), { token, nonce: 'n-2' }, {}, { label: 'another nonce', expect: 401 });
    await signIn(t.actor('e'), { token: await t.idToken(claimsOf(t, 'ann')), nonce: 'n-1' }, {}, { label: 'no nonce in the token', expect: 401 });
    await signIn(t.actor('f'), { token, nonce: '' }, {}, { label: 'an empty nonce' });
  }),
  so('as the provider makes them', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'native');
    const r = await t.oidcTokens(who, { nonce: 'n-1', claims: IN_TOKEN });
    await signIn(a, { token: r.id_token, nonce: 'n-1', accessToken: r.access_token, refreshToken: r.refresh_token, expiresAt: 12345 });
    await list(a);
    const acc = await accountOf(t, a, 'oidc');
    await a.post('/get-access-token', { accountId: acc.id });
    await a.post('/refresh-token', { accountId: acc.id });
    await a.get('/account-info', { query: { accountId: acc.id }, label: 'info' });
    await enter(t, t.actor('b'), 'oidc', who, {}, { label: 'the same person by redirect' });
    const thin = await t.oidcTokens(person(t, 'thin'), { nonce: 'n-1' });
    await signIn(t.actor('c'), { token: thin.id_token, nonce: 'n-1', accessToken: thin.access_token }, {}, { label: 'without an address in the token' });
  }),
  so('with the official client', async (t) => {
    const a = t.actor('a');
    const token = await t.idToken(claimsOf(t, 'client', { nonce: 'n' }));
    await a.use((c) => c.signIn.social({ provider: 'oidc', idToken: { token, nonce: 'n' } }), { expect: 200 });
    await a.use((c) => c.getSession());
    await a.use((c) => c.signIn.social({ provider: 'oidc', idToken: { token: `${token}x` } }));
  }),
  so('tokens that prove nothing', async (t) => {
    const a = t.actor('a');
    for (const [label, token] of Object.entries(await bad(t))) await signIn(a, { token }, {}, { label });
    await a.session();
  }),
  so('bodies that make no sense', async (t) => {
    const a = t.actor('a');
    const token = await t.idToken(claimsOf(t, 'body'));
    for (const [label, idToken] of Object.entries({ text: token, 'no token': {}, 'a number': { token: 1 }, null: null, list: [token], 'nonce is a number': { token, nonce: 1 }, 'user is text': { token, user: 'x' }, 'name is text': { token, user: { name: 'x' } }, 'end is text': { token, expiresAt: 'x' } }))
      await signIn(a, idToken, {}, { label });
    await a.session();
  }),
  so('at providers that take none', async (t) => {
    const a = t.actor('a');
    const token = await t.idToken(claimsOf(t, 'none'));
    await signIn(a, { token }, { provider: 'nobody' }, { label: 'unknown' });
    await signIn(a, { token }, { provider: 'manual' }, { label: 'without keys' });
    await signIn(a, { token }, { provider: 'public' }, { label: 'made out to another client of ours' });
  }),
  so('who may sign up', async (t) => {
    const a = t.actor('a');
    const token = await t.idToken(claimsOf(t, 'new'));
    await signIn(a, { token }, { provider: 'closed' }, { label: 'never' });
    await signIn(a, { token }, { provider: 'nosignup' }, { label: 'not asked for' });
    await signIn(a, { token }, { provider: 'nosignup', requestSignUp: true }, { label: 'asked for' });
    await a.session();
    const unproved = await t.idToken(claimsOf(t, 'unproved', { email_verified: false }));
    await signIn(t.actor('b'), { token: unproved }, { provider: 'verified', callbackURL: '/proved' }, { label: 'unverified' });
    await t.mail('verification-email', t.email('unproved'));
    await signIn(t.actor('c'), { token: await t.idToken(claimsOf(t, 'nomail', { email: undefined })) }, {}, { label: 'no address' });
    await signIn(t.actor('d'), { token: await t.idToken(claimsOf(t, 'noname', { name: undefined, picture: undefined })) }, {}, { label: 'no name' });
  }),
  so('an address that is somebody\'s', async (t) => {
    const m = await member(t, 'local');
    await signIn(t.actor('a'), { token: await t.idToken(claimsOf(t, 'x', { email: m.mailAddress })) }, {}, { label: 'not proved here' });
    const known = await newcomer(t, 'known');
    const b = t.actor('b');
    await signIn(b, { token: await t.idToken({ aud: 'es256', ...known.claims }) }, { provider: 'es256' }, { label: 'proved on both sides' });
    await list(b);
    await signIn(t.actor('c'), { token: await t.idToken({ ...known.claims, aud: 'steady', email_verified: false }) }, { provider: 'steady' }, { label: 'not proved there' });
  }),
  so('the profile is not brought up to date', async (t) => {
    const a = t.actor('a');
    await signIn(a, { token: await t.idToken(claimsOf(t, 'over')) }, { provider: 'override' });
    await signIn(a, { token: await t.idToken(claimsOf(t, 'over', { name: 'Other' })) }, { provider: 'override' }, { label: 'another name' });
    await a.session();
  }),
  so('linking', async (t) => {
    const m = await member(t, 'm');
    const to = (token, body = {}, opts) => m.post('/link-social', { provider: 'oidc', idToken: { token }, ...body }, opts);
    const mine = await t.idToken(claimsOf(t, 'mine', { email: m.mailAddress }));
    await to(mine, { callbackURL: '/settings' }, { label: 'mine', expect: 200 });
    await list(m);
    await to(mine, {}, { label: 'again' });
    await m.post('/link-social', { provider: 'oidc', idToken: { token: mine, accessToken: 'at-1', refreshToken: 'rt-1' } }, { label: 'again with tokens' });
    const acc = await accountOf(t, m, 'oidc');
    await m.post('/get-access-token', { accountId: acc.id });
    await to(await t.idToken(claimsOf(t, 'other')), {}, { label: 'another address' });
    await to(await t.idToken(claimsOf(t, 'unproved', { email: m.mailAddress, email_verified: false })), {}, { label: 'not proved there' });
    await to(await t.idToken(claimsOf(t, 'nomail', { email: undefined })), {}, { label: 'no address' });
    const somebody = await newcomer(t, 'somebody');
    await to(await t.idToken({ aud: 'oidc', ...somebody.claims, email: m.mailAddress }), {}, { label: "somebody else's" });
    await to(mine, { provider: 'nobody' }, { label: 'unknown provider' });
    await to(mine, { provider: 'manual' }, { label: 'provider without keys' });
    await t.actor('nobody').post('/link-social', { provider: 'oidc', idToken: { token: mine } }, { label: 'signed out' });
    await list(m);
  }),
  so('linking with tokens that prove nothing', async (t) => {
    const m = await newcomer(t, 'm');
    for (const [label, token] of Object.entries(await bad(t))) await m.post('/link-social', { provider: 'unbound', idToken: { token } }, { label });
    await m.post('/link-social', { provider: 'unbound', idToken: { token: await t.idToken({ aud: 'oidc', ...m.claims, nonce: 'a' }), nonce: 'b' } }, { label: 'another nonce' });
    await m.use((c) => c.linkSocial({ provider: 'unbound', idToken: { token: 'garbage' } }));
    await list(m);
    await link(t, m, 'unbound', m.claims);
  }),
];
