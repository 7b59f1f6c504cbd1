// Linking by redirect, the list of accounts, and unlinking.
import { accountOf, beginLink, comeBack, enter, link, list, member, newcomer, person } from '../lib/social.mjs';

const so = (name, run, profile = 'oauth-oidc') => ({ name: `linking: ${name}`, profile, run });
const signOut = (t, a) => t.setup(() => a.post('/sign-out', {}));

export default [
  so('one more way to sign in', async (t) => {
    const m = await member(t, 'm');
    const who = person(t, 'm', { email: m.mailAddress });
    await link(t, m, 'oidc', who, { callbackURL: '/settings?tab=1' });
    await list(m);
    await m.session();
    await link(t, m, 'formpost', who);
    await list(m, 'two providers');
    const b = t.actor('b');
    await enter(t, b, 'oidc', who);
    await b.session();
  }),
  so('with the official client', async (t) => {
    const m = await member(t, 'm');
    const r = await m.use((c) => c.linkSocial({ provider: 'oidc', callbackURL: '/settings', errorCallbackURL: '/oops', disableRedirect: true, scopes: ['things'] }), { expect: 200 });
    await comeBack(t, m, r.data.url, person(t, 'm', { email: m.mailAddress }));
    await m.use((c) => c.listAccounts(), { unordered: 'providerId' });
    const acc = await accountOf(t, m, 'oidc');
    await m.use((c) => c.unlinkAccount({ accountId: acc.id }));
    await m.use((c) => c.unlinkAccount({ accountId: acc.id }));
  }),
  so('what the authorization address says', async (t) => {
    const m = await member(t, 'm');
    await beginLink(t, m, 'oidc', { scopes: ['things', 'more'], loginHint: m.mailAddress, additionalParams: { prompt: 'login' }, disableRedirect: true }, { label: 'oidc' });
    await beginLink(t, m, 'manual', { scopes: ['a', 'b'] }, { label: 'manual' });
    await m.post('/link-social', { provider: 'oidc' }, { label: 'nothing else' });
  }),
  so('refusals before the provider is asked', async (t) => {
    const m = await member(t, 'm');
    for (const [label, body] of Object.entries({
      'no provider': {},
      'unknown provider': { provider: 'nobody' },
      'credential': { provider: 'credential' },
      'reserved parameter': { provider: 'oidc', additionalParams: { state: 'x' } },
      'callback elsewhere': { provider: 'oidc', callbackURL: 'https://evil.example.net/' },
      'errors elsewhere': { provider: 'oidc', errorCallbackURL: 'https://evil.example.net/' },
      'scopes are text': { provider: 'oidc', scopes: 'x' },
    }))
      await m.post('/link-social', body, { label });
    await t.actor('nobody').post('/link-social', { provider: 'oidc', callbackURL: '/settings' }, { label: 'signed out' });
  }),
  so('identities that may not be linked', async (t) => {
    const m = await member(t, 'm');
    await link(t, m, 'oidc', person(t, 'other'), {}, { label: 'another address' });
    await link(t, m, 'oidc', person(t, 'unproved', { email: m.mailAddress, email_verified: false }), {}, { label: 'not proved there' });
    await link(t, m, 'oidc', person(t, 'nomail', { email: undefined }), {}, { label: 'no address' });
    const somebody = await newcomer(t, 'somebody');
    await link(t, m, 'oidc', { ...somebody.claims, email: m.mailAddress }, {}, { label: "somebody else's" });
    await link(t, m, 'oidc', somebody.claims, {}, { label: "somebody else's, with their address" });
    await link(t, m, 'oidc', { deny: {} }, {}, { label: 'the provider says no' });
    await link(t, m, 'oidc', person(t, 'capital', { email: m.mailAddress.toUpperCase() }), {}, { label: 'capital letters' });
    await list(m);
    await list(somebody);
  }),
  so('after a sign-out', async (t) => {
    const m = await member(t, 'm');
    const url = await beginLink(t, m, 'oidc');
    await signOut(t, m);
    await comeBack(t, m, url, person(t, 'm', { email: m.mailAddress }));
    await m.session();
    await t.setup(() => m.signIn());
    await list(m);
  }),
  so('ends for the person who began it', async (t) => {
    const m = await member(t, 'm');
    const url = await beginLink(t, m, 'oidc');
    const other = await member(t, 'other');
    const both = m.twin('both');
    both.jar.set('better-auth.session_token', other.jar.get('better-auth.session_token'));
    await comeBack(t, both, url, person(t, 'm', { email: m.mailAddress }), { label: 'with the session of somebody else' });
    await list(m);
    await list(other);
  }),
  so('in another browser', async (t) => {
    const m = await member(t, 'm');
    const thief = await member(t, 'thief');
    await comeBack(t, thief, await beginLink(t, m, 'oidc'), person(t, 'm', { email: m.mailAddress }));
    await list(m);
    await list(thief);
  }),
  so('once more with more scopes', async (t) => {
    const a = await newcomer(t, 'a');
    await list(a, 'before');
    await link(t, a, 'oidc', a.claims, { scopes: ['things'] });
    await list(a, 'with things');
    await link(t, a, 'oidc', a.claims, { scopes: ['more', 'email'] });
    await list(a, 'with more');
    await enter(t, t.actor('b'), 'oidc', a.claims);
    await list(a, 'a sign-in takes none away');
    const acc = await accountOf(t, a, 'oidc');
    await a.post('/get-access-token', { accountId: acc.id });
  }),
  so('additional data and sign-up mean nothing', async (t) => {
    const m = await member(t, 'm');
    await link(t, m, 'nosignup', person(t, 'm', { email: m.mailAddress }), { requestSignUp: true, additionalData: { link: { userId: 'x', email: 'y' }, plan: 1 } });
    await list(m);
  }),
  so('unlinking', async (t) => {
    const m = await member(t, 'm');
    await link(t, m, 'oidc', person(t, 'm', { email: m.mailAddress }));
    const other = await newcomer(t, 'other');
    const acc = await accountOf(t, m, 'oidc');
    const theirs = await accountOf(t, other, 'oidc');
    await m.post('/unlink-account', { accountId: theirs.id }, { label: "somebody else's" });
    await m.post('/unlink-account', { accountId: acc.accountId }, { label: "the provider's name for it" });
    await m.post('/unlink-account', {}, { label: 'nothing' });
    await m.post('/unlink-account', { providerId: 'oidc' }, { label: 'by provider' });
    await t.actor('nobody').post('/unlink-account', { accountId: acc.id }, { label: 'signed out' });
    await m.post('/unlink-account', { accountId: acc.id }, { label: 'mine' });
    await list(m);
    const password = await accountOf(t, m, 'credential');
    await m.post('/unlink-account', { accountId: password.id }, { label: 'the last one' });
    await other.post('/unlink-account', { accountId: theirs.id }, { label: 'the last one, of a provider' });
    await other.post('/unlink-account', { accountId: 'x' }, { label: 'unknown, with one left' });
    await link(t, m, 'oidc', person(t, 'm', { email: m.mailAddress }), {}, { label: 'linked again' });
    await m.post('/unlink-account', { accountId: password.id }, { label: 'the password' });
    await m.signIn({ expect: null });
  }),
  so('signing out at the provider, too', async (t) => {
    for (const provider of ['oidc', 'steady', 'inline', 'manual']) {
      const leave = async (label, body) => {
        const a = t.actor(provider);
        if (provider === 'manual') await t.setup(async () => a.get(await t.idpCode((await a.post('/sign-in/social', { provider, callbackURL: '/home' })).body.url, { id: `m-${t.h}${t.nonce}`, email: t.email('hand'), email_verified: true, name: 'H' }, { noIdToken: true }), { origin: null, label: 'callback' }));
        else await t.setup(() => enter(t, a, provider, person(t, provider)));
        await a.post('/sign-out', body, { label: `${provider} ${label}` });
        await a.session();
      };
      await leave('plainly', {});
      await leave('to a page', { callbackURL: '/left?a=1', state: 's&1' });
      await leave('staying here', { disableRedirect: true, state: 'x' });
    }
    const m = await member(t, 'm');
    await link(t, m, 'oidc', person(t, 'm', { email: m.mailAddress }));
    await link(t, m, 'steady', person(t, 'm', { email: m.mailAddress }));
    await m.post('/sign-out', {}, { label: 'the provider of last' });
    await m.post('/sign-out', {}, { label: 'nobody any more' });
    const c = await newcomer(t, 'c');
    await c.use((x) => x.signOut());
    const e = await newcomer(t, 'e');
    await e.post('/sign-out', { callbackURL: 'https://evil.example.net/' }, { label: 'to a page that is not trusted' });
    await e.post('/sign-out', { state: 5 }, { label: 'a body that makes no sense' });
  }),
];
