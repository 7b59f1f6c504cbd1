// Sign-in through an identity provider by redirect: what is asked for, and
// what comes back.
import { begin, comeBack, enter, list, member, newcomer, person, withParam } from '../lib/social.mjs';

const so = (name, run, profile = 'oauth-oidc') => ({ name: `social: ${name}`, profile, run });
const RESERVED = ['state', 'client_id', 'redirect_uri', 'response_type', 'code_challenge', 'code_challenge_method', 'nonce', 'scope'];

export default [
  so('somebody new, then the same person again', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'new');
    await enter(t, a, 'oidc', who, { newUserCallbackURL: '/welcome' }, { expect: 302 });
    await a.session();
    await list(a);
    const b = t.actor('b');
    await enter(t, b, 'oidc', who, { newUserCallbackURL: '/welcome' }, { expect: 302 });
    await b.session();
    await list(b);
  }),
  so('a new person goes to the callback URL without another', async (t) => {
    const a = t.actor('a');
    await enter(t, a, 'oidc', person(t, 'plain'));
    const b = t.actor('b');
    const r = await b.post('/sign-in/social', { provider: 'oidc' }, { label: 'no callback URL' });
    await comeBack(t, b, r.body.url, person(t, 'bare'));
    const c = t.actor('c');
    await enter(t, c, 'oidc', person(t, 'abroad'), { callbackURL: 'http://trusted.example.test/in?a=1&b=%20#top' });
  }),
  so('what the authorization address says', async (t) => {
    const a = t.actor('a');
    for (const provider of ['oidc', 'formpost', 'public', 'basic', 'loose', 'inline', 'unbound', 'manual']) await begin(t, a, provider, {}, { label: provider });
    await begin(t, a, 'oidc', { loginHint: 'ann+x@example.test' }, { label: 'login hint' });
    await begin(t, a, 'oidc', { scopes: ['things', 'email'] }, { label: 'scopes' });
    await begin(t, a, 'loose', { scopes: ['openid', 'things'] }, { label: 'scopes with openid' });
    await begin(t, a, 'oidc', { scopes: [] }, { label: 'no scopes' });
    await begin(t, a, 'basic', { additionalParams: { acr_values: '~*é', prompt: 'none', ui_locales: 'de fr' } }, { label: 'parameters' });
    await begin(t, a, 'inline', { additionalParams: { ui_locales: 'fr' } }, { label: 'parameters over configured ones' });
    await begin(t, a, 'manual', { additionalParams: { tenant: 'c' } }, { label: 'parameters over those of the address' });
  }),
  so('redirect or not', async (t) => {
    const a = t.actor('a');
    await begin(t, a, 'oidc', { disableRedirect: true }, { label: 'disabled' });
    await begin(t, a, 'oidc', { disableRedirect: false }, { label: 'not disabled' });
    await a.post('/sign-in/social', { provider: 'oidc', disableRedirect: 'yes' });
  }),
  so('with the official client', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'client');
    const r = await a.use((c) => c.signIn.social({ provider: 'oidc', callbackURL: '/home', newUserCallbackURL: '/welcome', disableRedirect: true, scopes: ['things'], loginHint: who.email }), { expect: 200 });
    await comeBack(t, a, r.data.url, who);
    await a.use((c) => c.getSession());
    await a.use((c) => c.listAccounts());
    await a.use((c) => c.signIn.social({ provider: 'nobody', callbackURL: '/home' }));
    await a.use((c) => c.signIn.social({ provider: 'oidc', callbackURL: 'https://evil.example.net/' }));
  }),
  so('reserved parameters', async (t) => {
    const a = t.actor('a');
    for (const name of RESERVED) await a.post('/sign-in/social', { provider: 'oidc', additionalParams: { [name]: 'x' } }, { label: name, expect: 400 });
    await a.post('/sign-in/social', { provider: 'oidc', additionalParams: { prompt: 'login', state: 'x', nonce: 'y' } }, { label: 'among others' });
  }),
  so('bodies that make no sense', async (t) => {
    const a = t.actor('a');
    for (const [label, body] of Object.entries({
      'no provider': {},
      'provider is a number': { provider: 7 },
      'provider is null': { provider: null },
      'provider is empty': { provider: '' },
      'unknown provider': { provider: 'nobody' },
      'built-in that is not configured': { provider: 'github' },
      'scopes are text': { provider: 'oidc', scopes: 'openid' },
      'scope is a number': { provider: 'oidc', scopes: [1] },
      'hint is an object': { provider: 'oidc', loginHint: {} },
      'sign-up is text': { provider: 'oidc', requestSignUp: 'true' },
      'parameters are a list': { provider: 'oidc', additionalParams: ['a'] },
      'parameter is a number': { provider: 'oidc', additionalParams: { a: 1 } },
      'data are text': { provider: 'oidc', additionalData: 'x' },
      'callback URL is a number': { provider: 'oidc', callbackURL: 5 },
    }))
      await a.post('/sign-in/social', body, { label });
    await a.get('/sign-in/social');
  }),
  so('addresses that are not trusted', async (t) => {
    const a = t.actor('a');
    for (const field of ['callbackURL', 'newUserCallbackURL', 'errorCallbackURL'])
      for (const url of ['https://evil.example.net/', '//evil.example.net', 'javascript:alert(1)', '/\\evil.example.net', 'http://trusted.example.test.evil.net/', '/%5cevil.example.net'])
        await a.post('/sign-in/social', { provider: 'oidc', [field]: url }, { label: `${field} ${url}` });
    await a.post('/sign-in/social', { provider: 'oidc', callbackURL: 'https://a.wild.example.test/x' }, { label: 'trusted' });
  }),
  so('additional data travels along and decides nothing', async (t) => {
    const a = t.actor('a');
    const data = { plan: 'pro', nested: { a: [1, 2] }, callbackURL: 'https://evil.example.net/', errorURL: 'https://evil.example.net/', newUserURL: 'https://evil.example.net/', requestSignUp: true, link: { userId: 'x', email: 'x@example.test' }, expiresAt: 1 };
    await enter(t, a, 'oidc', person(t, 'data'), { additionalData: data });
    await a.session();
  }),
  so('additional data does not ask to sign up', async (t) => {
    const a = t.actor('a');
    await enter(t, a, 'nosignup', person(t, 'sneak'), { additionalData: { requestSignUp: true } });
    await a.session();
  }),
  so('sign-up only on request', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'asked');
    await enter(t, a, 'nosignup', who);
    await a.session();
    await enter(t, a, 'nosignup', who, { requestSignUp: false });
    await enter(t, a, 'nosignup', who, { requestSignUp: true, newUserCallbackURL: '/welcome' });
    await a.session();
    await enter(t, t.actor('b'), 'nosignup', who);
  }),
  so('sign-up never', async (t) => {
    const a = t.actor('a');
    await enter(t, a, 'closed', person(t, 'never'), { requestSignUp: true });
    await a.session();
    const known = await newcomer(t, 'known');
    const b = t.actor('b');
    await enter(t, b, 'closed', known.claims);
    await b.session();
  }),
  so('every way to authenticate, to be asked and to be answered', async (t) => {
    for (const provider of ['formpost', 'public', 'basic', 'es256', 'inline', 'unbound', 'steady']) {
      const a = t.actor(provider);
      await enter(t, a, provider, person(t, provider), { newUserCallbackURL: '/welcome' });
      await a.session();
      await list(a);
    }
  }),
  so('without PKCE, and without a profile', async (t) => {
    const a = t.actor('a');
    await enter(t, a, 'loose', person(t, 'no-scopes'));
    await enter(t, a, 'loose', person(t, 'scopes'), { scopes: ['email', 'profile'] });
    await a.session();
  }),
  so('people without name, picture or address', async (t) => {
    const a = t.actor('a');
    await enter(t, a, 'oidc', person(t, 'noname', { name: undefined, picture: undefined }));
    await a.session();
    await enter(t, t.actor('b'), 'oidc', person(t, 'nomail', { email: undefined }));
    await enter(t, t.actor('c'), 'oidc', person(t, 'emptymail', { email: '' }));
    const d = t.actor('d');
    await enter(t, d, 'oidc', person(t, 'CAPITAL', { email_verified: 'true' }));
    await d.session();
    const e = t.actor('e');
    await enter(t, e, 'oidc', person(t, 'unsure', { email_verified: undefined }));
    await e.session();
  }),
  so('a provider set up by hand', async (t) => {
    const a = t.actor('a');
    const claims = (label, over) => ({ id: `${label}-${t.h}${t.nonce}`, email: t.email(label), email_verified: true, name: `Name ${label}`, ...over });
    const arrive = async (who, label, c, extra = { noIdToken: true }) => who.get(await t.idpCode(await begin(t, who, 'manual'), c, extra), { label, origin: null });
    await arrive(a, 'text id', claims('hand'));
    await a.session();
    await list(a);
    const b = t.actor('b');
    await arrive(b, 'number id', claims('number', { id: 4200000000 + parseInt(t.h.slice(0, 4), 16) }));
    await b.session();
    await arrive(t.actor('c'), 'no id', claims('noid', { id: undefined }));
    await arrive(t.actor('d'), 'empty id', claims('blank', { id: ' ' }));
    await arrive(t.actor('e'), 'null id', claims('null', { id: null }));
    await arrive(t.actor('f'), 'refused code', claims('refused'), { noIdToken: true, tokenError: 'invalid_grant' });
    await arrive(t.actor('g'), 'no address', claims('away', { email: null }));
  }),
  so('the provider sees to PKCE and nonce', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'bound');
    await comeBack(t, a, withParam(await begin(t, a, 'oidc'), 'code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'), who, { label: 'another challenge' });
    await comeBack(t, a, withParam(await begin(t, a, 'oidc'), 'nonce', 'another'), who, { label: 'another nonce' });
    await comeBack(t, a, withParam(await begin(t, a, 'oidc'), 'nonce'), who, { label: 'no nonce' });
    await comeBack(t, a, withParam(await begin(t, a, 'unbound'), 'nonce', 'unasked'), who, { label: 'a nonce that was not asked for' });
    await a.session();
  }),
  so('the profile is brought up to date where that is wanted', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'over');
    await enter(t, a, 'override', who);
    await enter(t, a, 'override', { ...who, name: 'Other Name', picture: 'https://pictures.example.test/other.png' }, { callbackURL: '/again' });
    await a.session();
    await enter(t, a, 'override', { ...who, email: t.email('Moved'), email_verified: false });
    await a.session();
    await enter(t, a, 'override', { ...who, email: t.email('moved'), email_verified: true, name: undefined, picture: undefined });
    await a.session();
    await enter(t, a, 'oidc', { ...person(t, 'moved'), name: 'Not This One' });
    await a.session();
  }),
  so('only verified addresses', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'prove', { email_verified: false });
    await enter(t, a, 'verified', who, { callbackURL: '/proved' });
    await a.session();
    const m = await t.mail('verification-email', who.email);
    await enter(t, a, 'verified', who);
    await t.mailCount('verification-email', who.email);
    await a.get(m.url, { label: 'verify' });
    await enter(t, a, 'verified', who);
    await a.session();
    const b = t.actor('b');
    await enter(t, b, 'verified', person(t, 'proved'));
    await b.session();
  }),
  so('the same address at two providers', async (t) => {
    const known = await newcomer(t, 'twice');
    const b = t.actor('b');
    await enter(t, b, 'formpost', known.claims);
    await b.session();
    await list(b);
    const c = t.actor('c');
    await enter(t, c, 'unbound', { ...known.claims, email_verified: false });
    await c.session();
  }),
  so('an address that is not proved here is not linked', async (t) => {
    const m = await member(t, 'local');
    const b = t.actor('b');
    await enter(t, b, 'oidc', person(t, 'x', { email: m.mailAddress.toUpperCase() }));
    await b.session();
    await list(m);
  }),
  so('a provider proves an address later', async (t) => {
    const a = await newcomer(t, 'later', 'oidc', { email_verified: false });
    await a.session();
    await enter(t, a, 'oidc', { ...a.claims, email_verified: true });
    await a.session();
    const b = await newcomer(t, 'elsewhere', 'oidc', { email_verified: false });
    await enter(t, b, 'oidc', { ...b.claims, email: t.email('other'), email_verified: true });
    await b.session();
  }),
];
