// The plugins around sign-in by a provider: the last method, a window of its
// own, a preview behind a production server, and Google One Tap.
const mk = (area) => (name, run, profile = area, extra = {}) => ({ name: `${area}: ${name}`, profile, run, ...extra });
const ll = mk('last-login-method');
const pop = mk('oauth-popup');
const px = mk('oauth-proxy');
const tap = mk('one-tap');

const APP = 'http://trusted.example.test';
const claims = (t, label, over) => ({ sub: `${label}-${t.h}${t.nonce}`, email: t.email(label), email_verified: true, name: `Name ${label}`, ...over });

/** sign in by the fake provider, with a redirect; the answer of the callback */
async function enter(t, a, who, body = {}) {
  const r = await a.post('/sign-in/social', { provider: 'fake', callbackURL: '/home', errorCallbackURL: '/oops', ...body });
  return a.get(await t.idpCode(t.must(r.body?.url, 'no authorization URL'), who), { label: 'callback' });
}

// -- last-login-method -----------------------------------------------------
const remembered = (t, a, name = 'better-auth.last_used_login_method') => t.note('remembered', a.jar.get(name) ?? null);

// -- oauth-popup -----------------------------------------------------------
/** what the page in the window tells its opener */
function told(t, r) {
  const block = /<script type="application\/json" id="better-auth-oauth-popup">([^]*?)<\/script>/.exec(r.text);
  t.note('told to the opener', block ? JSON.parse(block[1]) : 'nothing');
  return block ? JSON.parse(block[1]) : {};
}
async function open(t, a, query = {}, opts) {
  const r = await a.get('/oauth-popup/start', { query: { provider: 'fake', popupOrigin: APP, popupNonce: 'n-1', callbackURL: '/home', ...query }, origin: null, label: 'start', ...opts });
  return r;
}
async function finish(t, a, started, who, extra) {
  const url = t.must(started.location, 'the window does not go to the provider');
  return a.get(await t.idpCode(url, who, extra), { label: 'callback', origin: null });
}

// -- oauth-proxy -----------------------------------------------------------
/** what the provider sends to production, as a request to this server, which is both */
async function toProduction(t, url, who, extra) {
  const back = new URL(await t.idpCode(url, who, extra));
  t.note('the provider answers to', `${back.origin}${back.pathname}`);
  return back.search;
}
/** begin at the preview. The Location beside the answer's url is not compared:
 *  the reference leaves the state there as it was before it was wrapped. */
async function depart(t, a, path, body) {
  const r = await a.post(path, body, { silent: true });
  const url = t.must(r.body?.url, 'no authorization URL');
  const seen = Object.fromEntries([...new URL(url).searchParams].map(([k, v]) => [k, ['state', 'code_challenge', 'nonce'].includes(k) ? typeof v : v]));
  t.note('answer', { status: r.status, ...r.body, url: seen });
  return url;
}
async function proxied(t, a, who, body = {}, provider = 'fake', extra) {
  const url = await depart(t, a, '/sign-in/social', { provider, callbackURL: '/home', errorCallbackURL: '/oops', newUserCallbackURL: '/welcome', ...body });
  const search = await toProduction(t, url, who, extra);
  return t.actor('production').get(`/callback/${provider}${search}`, { label: 'at production', origin: null });
}
const flip = (url, name, change) => {
  const u = new URL(url);
  u.searchParams.set(name, change(u.searchParams.get(name)));
  return u.href;
};

export default [
  ll('a password and a provider in turn', async (t) => {
    const who = claims(t, 'ann');
    const a = t.actor('ann');
    await enter(t, a, who);
    remembered(t, a);
    await a.session();
    const b = t.actor('bob');
    await b.signUp();
    remembered(t, b);
    await b.session();
    await b.post('/sign-out');
    remembered(t, b);
    await b.signIn();
    await b.session();
  }, 'last-login-method'),
  ll('refused sign-ins leave no trace', async (t) => {
    const a = t.actor('a');
    await t.setup(() => a.signUp());
    const b = t.actor('b');
    await b.post('/sign-in/email', { email: a.mailAddress, password: 'not the password' });
    await b.get('/callback/fake', { query: { code: 'x', state: 'y' } });
    await b.get('/callback/fake', { query: { error: 'access_denied' } });
    remembered(t, b);
  }, 'last-login-method'),
  ll('it is not the person who sets it', async (t) => {
    const a = t.actor('a');
    await a.signUp({ lastLoginMethod: 'passkey', expect: null });
    await a.signUp();
    await a.post('/update-user', { lastLoginMethod: 'passkey' });
    await a.post('/update-user', { name: 'Other' });
    await a.session();
    remembered(t, a);
  }, 'last-login-method'),
  ll('the official client reads the cookie', async (t) => {
    const a = t.actor('a');
    await a.use((c) => c.signUp.email({ email: t.email('a'), password: t.password, name: 'Ann' }), { expect: 200 });
    remembered(t, a);
  }, 'last-login-method'),
  ll('a cookie of another name', async (t) => {
    const a = t.actor('a');
    await a.signUp();
    remembered(t, a, 'signed_in_by');
    await a.session();
    const b = t.actor('b');
    await enter(t, b, claims(t, 'b'));
    remembered(t, b, 'signed_in_by');
    await b.session();
  }, 'last-login-method-named'),

  pop('a new person, then the same one', async (t) => {
    const who = claims(t, 'ann');
    for (const label of ['first', 'second']) {
      const a = t.actor(label);
      const done = await finish(t, a, await open(t, a, { newUserCallbackURL: '/welcome' }), who);
      const { token } = told(t, done);
      await a.session();
      const embedded = t.actor(`${label} embedded`);
      await embedded.get('/get-session', { headers: { authorization: `Bearer ${token}` } });
    }
  }),
  pop('defaults, scopes and data', async (t) => {
    const a = t.actor('a');
    const started = await a.get('/oauth-popup/start', { query: { provider: 'fake', popupOrigin: 'https://a.wild.example.test', scopes: 'calendar,drive', additionalData: '{"a":1,"callbackURL":"https://evil.example.net/"}' }, origin: null, label: 'start' });
    t.note('scope', new URL(started.location).searchParams.get('scope'));
    told(t, await finish(t, a, started, claims(t, 'a')));
    for (const [i, additionalData] of ['[1]', 'nonsense', 'null', '7'].entries()) {
      const b = t.actor(`b${i}`);
      told(t, await finish(t, b, await open(t, b, { additionalData }), claims(t, `b${i}`)));
    }
  }),
  pop('openers that are not trusted', async (t) => {
    const a = t.actor('a');
    for (const popupOrigin of ['http://evil.example.net', 'http://trusted.example.test.evil.example.net', 'http://trusted.example.test@evil.example.net', 'http://trusted.example.test:81', '/', '*', 'null', '', 'javascript:alert(1)']) await open(t, a, { popupOrigin }, { label: `opener ${popupOrigin}` });
    await open(t, a, { popupOrigin: undefined }, { label: 'no opener' });
    await open(t, a, { provider: undefined }, { label: 'no provider' });
  }),
  pop('what cannot start', async (t) => {
    for (const query of [
      { provider: 'nobody' },
      { callbackURL: 'https://evil.example.net/' },
      { errorCallbackURL: 'https://evil.example.net/' },
      { newUserCallbackURL: '//evil.example.net' },
      { provider: '</script><script>alert(1)</script>', popupNonce: '"};</script>\u2028' },
      { popupNonce: undefined, callbackURL: 'javascript:alert(1)' },
    ]) {
      const a = t.actor('a');
      told(t, await open(t, a, query, { label: `start ${JSON.stringify(query)}` }));
    }
  }),
  pop('errors at the provider and afterwards', async (t) => {
    const a = t.actor('a');
    const state = async () => new URL((await open(t, a)).location).searchParams.get('state');
    told(t, await a.get('/callback/fake', { query: { state: await state(), error: 'access_denied' }, label: 'denied' }));
    told(t, await a.get('/callback/fake', { query: { state: await state(), code: 'nonsense' }, label: 'wrong code' }));
    told(t, await a.get('/callback/fake', { query: { state: await state() }, label: 'no code' }));
    await open(t, a);
    told(t, await a.get('/callback/fake', { query: { state: 'nonsense', code: 'x' }, label: 'wrong state' }));
    told(t, await a.get('/callback/fake', { query: { code: 'x' }, label: 'no state, and no marker any more' }));
    const b = t.actor('b');
    told(t, await finish(t, b, await open(t, b), claims(t, 'b', { email: undefined })));
    const c = t.actor('c');
    told(t, await finish(t, c, await open(t, c, { provider: 'nosignup', errorCallbackURL: '/oops' }), claims(t, 'c')));
    const d = t.actor('d');
    told(t, await finish(t, d, await open(t, d, { provider: 'nosignup', requestSignUp: 'true' }), claims(t, 'd')));
  }),
  pop('no window, no page', async (t) => {
    const a = t.actor('a');
    await enter(t, a, claims(t, 'a'));
    await a.session();
  }),
  pop('another window', async (t) => {
    const a = t.actor('a');
    const started = await open(t, a);
    const b = t.actor('b');
    await open(t, b);
    told(t, await finish(t, b, started, claims(t, 'a')));
    await b.session();
  }),

  ...['oauth-proxy', 'oauth-proxy-cookie'].map((profile) =>
    px(`a new person, then the same one (${profile})`, async (t) => {
      const who = claims(t, 'ann');
      for (const label of ['first', 'second']) {
        const a = t.actor(label);
        const handed = await proxied(t, a, who);
        await a.get(t.must(handed.location, 'production does not redirect'), { label: 'at the preview', origin: null });
        await a.session();
        await a.get('/list-accounts', { unordered: 'providerId' });
      }
    }, profile)),
  px('no callback of one\'s own', async (t) => {
    const a = t.actor('a');
    const handed = await proxied(t, a, claims(t, 'a'), { callbackURL: undefined, newUserCallbackURL: undefined, errorCallbackURL: undefined });
    await a.get(handed.location, { label: 'at the preview', origin: null });
  }),
  px('a payload is good once', async (t) => {
    const a = t.actor('a');
    const handed = await proxied(t, a, claims(t, 'a'));
    await a.get(handed.location, { label: 'at the preview', origin: null });
    await a.get(handed.location, { label: 'again', origin: null });
  }),
  px('a payload is for the browser that began', async (t) => {
    const handed = await proxied(t, t.actor('a'), claims(t, 'a'));
    const victim = t.actor('victim');
    const r = await victim.get(handed.location, { origin: null, silent: true });
    t.invariant('nobody is signed in as somebody else by an address', !r.setCookie.some((c) => /session_token=[^;]/.test(c)));
  }),
  px('a payload is good for maxAge', async (t) => {
    const a = t.actor('a');
    const handed = await proxied(t, a, claims(t, 'a'));
    await t.sleep(2300);
    await a.get(handed.location, { label: 'too late', origin: null });
  }, 'oauth-proxy-cookie', { alone: true }),
  px('payloads that are none', async (t) => {
    const a = t.actor('a');
    const handed = await proxied(t, a, claims(t, 'a'));
    const last = (s) => s.slice(0, -1) + (s.at(-1) === '0' ? '1' : '0');
    await a.get('/callback/fake/oauth-proxy', { query: { callbackURL: '/home' }, label: 'no profile' });
    await a.get('/callback/fake/oauth-proxy', { query: { callbackURL: '/home', profile: 'nonsense' }, label: 'nonsense' });
    await a.get(flip(handed.location, 'profile', last), { label: 'changed' });
    await a.get(flip(handed.location, 'profile', (s) => s.slice(0, 60)), { label: 'cut' });
    await a.get('/callback/fake/oauth-proxy', { label: 'nothing' });
    await a.get(flip(handed.location, 'callbackURL', () => 'https://evil.example.net/'), { label: 'elsewhere' });
    await a.get(handed.location.replace('/callback/fake/', '/callback/nosignup/'), { label: 'of another provider' });
    await a.get(handed.location.replace('/callback/fake/oauth-proxy', '/oauth-proxy-callback'), { label: 'at the old address' });
    await a.session();
  }),
  px('failures at production', async (t) => {
    const p = t.actor('production');
    const a = t.actor('a');
    const state = new URL(await depart(t, a, '/sign-in/social', { provider: 'fake', callbackURL: '/home', errorCallbackURL: '/oops' })).searchParams.get('state');
    await p.get('/callback/fake', { query: { state, error: 'access_denied', error_description: 'no' }, label: 'denied' });
    await p.get('/callback/fake', { query: { state, code: 'nonsense' }, label: 'wrong code' });
    await p.get('/callback/fake', { query: { state }, label: 'no code' });
    await p.get('/callback/nobody', { query: { state, code: 'x' }, label: 'no provider' });
    await p.get('/callback/fake', { query: { state: `${state.slice(0, -1)}${state.at(-1) === '0' ? '1' : '0'}`, code: 'x' }, label: 'changed state' });
    await proxied(t, t.actor('b'), claims(t, 'b', { email: undefined }));
    const c = t.actor('c');
    const handed = await proxied(t, c, claims(t, 'c'), {}, 'nosignup');
    await c.get(handed.location, { label: 'at the preview', origin: null });
    const d = t.actor('d');
    const asked = await proxied(t, d, claims(t, 'd'), { requestSignUp: true }, 'nosignup');
    await d.get(asked.location, { label: 'at the preview, asked to sign up', origin: null });
  }),
  px('linking', async (t) => {
    const a = t.actor('a');
    await t.setup(() => a.signUp());
    const url = await depart(t, a, '/link-social', { provider: 'fake', callbackURL: '/settings', errorCallbackURL: '/oops' });
    const search = await toProduction(t, url, claims(t, 'a', { email: a.mailAddress }));
    const handed = await t.actor('production').get(`/callback/fake${search}`, { label: 'at production', origin: null });
    await a.get(handed.location, { label: 'at the preview', origin: null });
    await a.get('/list-accounts', { unordered: 'providerId' });
    const url2 = await depart(t, a, '/link-social', { provider: 'nosignup', callbackURL: '/settings', errorCallbackURL: '/oops' });
    const search2 = await toProduction(t, url2, claims(t, 'other'));
    const other = await t.actor('production').get(`/callback/nosignup${search2}`, { label: 'at production', origin: null });
    await a.get(other.location, { label: 'another address', origin: null });
  }),
  px('not by production', async (t) => {
    const a = t.actor('a', { headers: { 'x-skip-oauth-proxy': '1' } });
    const r = await a.post('/sign-in/social', { provider: 'fake', callbackURL: '/home' });
    await a.get(await t.idpCode(r.body.url, claims(t, 'a')), { label: 'callback' });
    await a.session();
    await a.post('/sign-in/social', { provider: 'fake', callbackURL: 'https://evil.example.net/' });
  }),

  tap('tokens that are none', async (t) => {
    const a = t.actor('a');
    const part = (v) => Buffer.from(JSON.stringify(v)).toString('base64url');
    for (const [label, idToken] of Object.entries({
      nonsense: 'nonsense',
      empty: '',
      unsigned: `${part({ alg: 'none' })}.${part({ sub: '1', aud: 'tap', iss: 'https://accounts.google.com' })}.`,
      'of a shared key': `${part({ alg: 'HS256', kid: 'x' })}.${part({ sub: '1', aud: 'tap', iss: 'https://accounts.google.com' })}.AAAA`,
    }))
      await a.post('/one-tap/callback', { idToken }, { label });
    await a.post('/one-tap/callback', {}, { label: 'no token' });
    await a.post('/one-tap/callback', { idToken: 7 }, { label: 'a number' });
    await a.post('/one-tap/callback', { idToken: 'nonsense', callbackURL: 'https://evil.example.net/' }, { label: 'elsewhere' });
    await a.get('/one-tap/callback', { label: 'GET' });
    await a.session();
  }),
  tap('without a client', async (t) => {
    await t.actor('a').post('/one-tap/callback', { idToken: 'nonsense' });
  }, 'one-tap-bare'),
];
