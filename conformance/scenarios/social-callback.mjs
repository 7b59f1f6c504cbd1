// What a browser may bring back from a provider, and what is refused.
import { begin, comeBack, person, withParam } from '../lib/social.mjs';

const so = (name, run, profile = 'oauth-oidc') => ({ name: `callback: ${name}`, profile, run });
const form = (fields) => new URLSearchParams(fields).toString();
const FORM = { method: 'POST', type: 'application/x-www-form-urlencoded', origin: null };

/** the callback of a login, as its parameters */
const answer = async (t, a, who, provider = 'oidc', body) => {
  const back = await t.oidcLogIn(await begin(t, a, provider, body), who);
  return { path: `/callback/${provider}`, query: Object.fromEntries(new URL(back.url).searchParams) };
};

export default [
  so('once and never again', async (t) => {
    const a = t.actor('a');
    const { path, query } = await answer(t, a, person(t, 'once'));
    await a.get(path, { query, label: 'first' });
    await a.get(path, { query, label: 'again' });
    await a.twin('twin').get(path, { query, label: 'again, without cookies', cookies: false });
  }),
  so('in another browser', async (t) => {
    const a = t.actor('a');
    const { path, query } = await answer(t, a, person(t, 'other'));
    const thief = t.actor('thief');
    await thief.get(path, { query, label: 'no cookie' });
    await t.setup(() => begin(t, thief, 'oidc'));
    await thief.get(path, { query, label: 'a cookie of its own' });
    await thief.session();
    await a.get(path, { query, label: 'the owner still can' });
    await a.session();
  }),
  so('two sign-ins at once in one browser', async (t) => {
    const a = t.actor('a');
    const first = await answer(t, a, person(t, 'one'));
    const second = await answer(t, a, person(t, 'two'));
    await a.get(first.path, { query: first.query, label: 'the first' });
    await a.get(second.path, { query: second.query, label: 'the second' });
    await a.session();
  }),
  so('the issuer (RFC 9207)', async (t) => {
    const a = t.actor('a');
    for (const [label, iss] of Object.entries({ other: 'https://evil.example.net', slash: `${t.oidc}/`, upper: t.oidc.toUpperCase() })) {
      const { path, query } = await answer(t, a, person(t, label));
      await a.get(path, { query: { ...query, iss }, label });
    }
    await a.session();
    const right = await answer(t, a, person(t, 'right'));
    await a.get(right.path, { query: right.query, label: 'right' });
  }),
  so('without a state', async (t) => {
    const a = t.actor('a');
    await a.get('/callback/oidc');
    await a.get('/callback/oidc', { query: { code: 'x' } });
    await a.get('/callback/oidc', { query: { state: '', code: 'x' }, label: 'empty state' });
    await a.get('/callback/oidc', { query: { error: 'access_denied', error_description: 'no' }, label: 'error' });
    await a.get('/callback/nobody', { query: { code: 'x' } });
  }),
  so('a state that is none', async (t) => {
    const a = t.actor('a');
    for (const state of ['x', '../..', 'a'.repeat(300), "' OR 1=1 --", '%00', 'ü']) await a.get('/callback/oidc', { query: { state, code: 'x' }, label: state.slice(0, 20) });
    await t.setup(() => begin(t, a, 'oidc'));
    await a.get('/callback/oidc', { query: { state: 'x', code: 'x' }, label: 'beside a sign-in that was begun' });
  }),
  so('a code that is none', async (t) => {
    const a = t.actor('a');
    const who = person(t, 'code');
    const one = await answer(t, a, who);
    await a.get(one.path, { query: { ...one.query, code: 'nonsense' }, label: 'nonsense' });
    await a.get(one.path, { query: one.query, label: 'the state is used up' });
    const two = await answer(t, a, who);
    await a.get(two.path, { query: { state: two.query.state, iss: two.query.iss }, label: 'no code' });
    const three = await answer(t, a, who);
    await a.get(three.path, { query: { ...three.query, code: '' }, label: 'empty code' });
    const mine = await answer(t, a, who);
    const yours = await answer(t, t.actor('b'), person(t, 'victim'));
    await a.get(mine.path, { query: { ...mine.query, code: yours.query.code }, label: 'the code of another sign-in' });
    await a.session();
  }),
  so('at a provider that does not exist', async (t) => {
    const a = t.actor('a');
    const { query } = await answer(t, a, person(t, 'lost'));
    await a.get('/callback/nobody', { query, label: 'callback' });
    await a.get('/callback/oidc', { query, label: 'then the right one' });
  }),
  so('the provider says no', async (t) => {
    const a = t.actor('a');
    const url = await begin(t, a, 'oidc');
    await comeBack(t, a, url, { deny: {} });
    await comeBack(t, a, url, { deny: {} }, { label: 'again' });
    await comeBack(t, a, await begin(t, a, 'oidc', { additionalParams: { prompt: 'none' } }), person(t, 'nobody'), { label: 'a silent login' });
    await comeBack(t, a, await begin(t, a, 'oidc', { errorCallbackURL: undefined }), { deny: {} }, { label: 'no page for errors' });
    await comeBack(t, a, await begin(t, a, 'oidc', { errorCallbackURL: '/oops?from=a%20b#part' }), { deny: {} }, { label: 'a page with a query' });
    await comeBack(t, a, await begin(t, a, 'oidc', { errorCallbackURL: 'http://trusted.example.test' }), { deny: {} }, { label: 'a page elsewhere' });
    await comeBack(t, a, await begin(t, a, 'formpost'), { deny: {} }, { label: 'by form post' });
    await a.session();
  }),
  so('what the provider says is quoted, not believed', async (t) => {
    const a = t.actor('a');
    for (const [label, said] of Object.entries({
      html: { error: 'access_denied', error_description: '<script>alert(1)</script>"\'&amp;' },
      crlf: { error: 'a\r\nSet-Cookie: x=y', error_description: 'b\r\nLocation: https://evil.example.net/' },
      url: { error: 'https://evil.example.net/', error_description: '//evil.example.net' },
      unicode: { error: 'nein', error_description: 'ä ö ü 💥 \u202e' },
      long: { error: 'e'.repeat(60), error_description: 'd'.repeat(400) },
      percent: { error: '%0d%0a', error_description: '100%' },
      plus: { error: 'a+b c', error_description: 'a&b=c#d?e' },
      signs: { error: "~*!'()", error_description: '-._~*' },
      'with a code': { error: 'access_denied', code: 'x' },
      'no description': { error: 'access_denied', error_description: '' },
    })) {
      const u = new URL(await t.setup(() => begin(t, a, 'oidc')));
      await a.get('/callback/oidc', { query: { ...said, state: u.searchParams.get('state') }, label });
    }
  }),
  so('parameters that make no sense', async (t) => {
    const a = t.actor('a');
    const { path, query } = await answer(t, a, person(t, 'double'));
    await a.get(path, { query: { ...query, code: [query.code, 'x'] }, label: 'two codes' });
    await a.get(path, { query: { ...query, state: [query.state, 'x'] }, label: 'two states' });
    await a.get(path, { query: { ...query, iss: [query.iss, query.iss] }, label: 'two issuers' });
    await a.get(path, { query: { ...query, user: 'not JSON', scope: 'openid', extra: 'x' }, label: 'more than was asked for' });
  }),
  so('a form post becomes a GET', async (t) => {
    const a = t.actor('a');
    const url = await begin(t, a, 'formpost');
    const back = await t.oidcLogIn(url, person(t, 'posted'));
    t.note('fields', Object.keys(back.fields).sort());
    const posted = await a.http(back.url, { ...FORM, body: form(back.fields), label: 'post', cookies: false });
    await a.get(posted.location, { label: 'get', origin: null });
    await a.session();
    await a.http(back.url, { ...FORM, body: form(back.fields), label: 'post again', origin: t.oidc });
  }),
  so('form posts of all kinds', async (t) => {
    const a = t.actor('a');
    const at = '/callback/formpost';
    const bodies = {
      nothing: '',
      'fields that nobody knows': form({ code: 'c', state: 's', extra: 'x', __proto__x: 'y' }),
      'a user': form({ code: 'c', state: 's', user: '{"name":{"firstName":"A"}}' }),
      'an error': form({ error: 'access_denied', error_description: 'a\r\nb <i>', state: 's' }),
      'signs to be quoted': form({ code: 'a+b/c=&d', state: '%0d%0a ü' }),
    };
    for (const [label, body] of Object.entries(bodies)) await a.http(at, { ...FORM, body, label });
    await a.http(at, { ...FORM, body: form({ code: 'body', state: 's' }), query: { code: 'query' }, label: 'the query wins' });
    await a.http(at, { ...FORM, body: form({ code: 'c', state: 's' }), origin: 'https://evil.example.net', label: 'from anywhere' });
    await a.http(at, { ...FORM, body: JSON.stringify({ code: 'c', state: 's' }), type: 'application/json', label: 'JSON' });
    await a.http(at, { ...FORM, body: JSON.stringify({ code: 7 }), type: 'application/json', label: 'JSON, a number' });
    await a.http(at, { ...FORM, body: 'x', type: 'text/plain', label: 'text' });
    await a.http('/callback/nobody', { ...FORM, body: form({ code: 'c', state: 's' }), label: 'nobody' });
  }),
  so('a provider that begins by itself', async (t) => {
    const a = t.actor('a');
    const r = await a.get('/callback/started', { query: { code: 'unasked' }, label: 'unasked code' });
    await comeBack(t, a, t.must(r.location, 'no redirect'), person(t, 'started'));
    await a.session();
    await a.get('/callback/started', { label: 'nothing' });
    await a.get('/callback/started', { query: { error: 'access_denied' }, label: 'an error' });
  }),
  so('nonce and challenge of another sign-in', async (t) => {
    const a = t.actor('a');
    const other = new URL(await t.setup(() => begin(t, a, 'oidc')));
    const url = await begin(t, a, 'oidc');
    const crossed = withParam(withParam(url, 'nonce', other.searchParams.get('nonce')), 'code_challenge', other.searchParams.get('code_challenge'));
    await comeBack(t, a, crossed, person(t, 'crossed'));
    await a.session();
  }),
];
