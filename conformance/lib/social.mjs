// What the scenarios of sign-in through providers have in common.

/** who one is at the provider */
export const person = (t, label, over) => ({ sub: `${label}-${t.h}${t.nonce}`, email: t.email(label), email_verified: true, name: `Name ${label}`, picture: 'https://pictures.example.test/p.png', ...over });

/** ask for a sign-in; the authorization URL */
export async function begin(t, a, provider, body = {}, opts) {
  const r = await a.post('/sign-in/social', { provider, callbackURL: '/home', errorCallbackURL: '/oops', ...body }, opts);
  return t.must(r.body?.url, `no authorization URL from ${provider}`);
}

/** ask for a link; the authorization URL */
export async function beginLink(t, a, provider, body = {}, opts) {
  const r = await a.post('/link-social', { provider, callbackURL: '/settings', errorCallbackURL: '/oops', ...body }, opts);
  return t.must(r.body?.url, `no authorization URL from ${provider}`);
}

/** log in at the provider and bring the answer back */
export async function comeBack(t, a, url, claims, opts = {}) {
  const back = await t.oidcLogIn(url, claims);
  if (!back.fields) return a.get(back.url, { label: 'callback', origin: null, ...opts });
  const posted = await a.http(back.url, { label: 'posted callback', method: 'POST', body: new URLSearchParams(back.fields).toString(), type: 'application/x-www-form-urlencoded', origin: null, cookies: false });
  return a.get(t.must(posted.location, 'the form post does not redirect'), { label: 'callback', origin: null, ...opts });
}

export const enter = async (t, a, provider, claims, body, opts) => comeBack(t, a, await begin(t, a, provider, body), claims, opts);
export const link = async (t, a, provider, claims, body, opts) => comeBack(t, a, await beginLink(t, a, provider, body), claims, opts);

/** somebody who came through a provider, as a prelude */
export const newcomer = (t, label, provider = 'oidc', over) =>
  t.setup(async () => {
    const a = t.actor(label);
    a.claims = person(t, label, over);
    await enter(t, a, provider, a.claims);
    const s = await a.session();
    a.user = t.must(s.body?.user, `${label} is not signed in`);
    return a;
  });

/** somebody with a password, whose address is not verified */
export const member = (t, label) =>
  t.setup(async () => {
    const a = t.actor(label);
    await a.signUp();
    return a;
  });

/** the row of a provider's account */
export const accountOf = (t, a, provider) =>
  t.setup(async () => {
    const l = await a.get('/list-accounts', { shape: (v) => (Array.isArray(v) ? v.length : v) });
    return t.must(Array.isArray(l.body) && l.body.find((x) => x.providerId === provider), `no account of ${provider}`);
  });

export const list = (a, label = 'accounts') => a.get('/list-accounts', { unordered: 'providerId', label });

/** a change of one parameter of an address */
export const withParam = (url, name, value) => {
  const u = new URL(url);
  if (value === undefined) u.searchParams.delete(name);
  else u.searchParams.set(name, value);
  return u.href;
};
