// A real OpenID Connect provider (npm oidc-provider) on loopback. PKCE is
// required, refresh tokens rotate, iss comes with every answer (RFC 9207).
//
// There is no login page: the interaction logs in the person of the X-Person
// header (base64url JSON claims, or {"deny": …}), else the one whose address is
// the login_hint, and consent is given. Each login is a person of its own, so
// that the two sides of a run do not see each other's changes.
//
// A client id is what the client is like:
//   oidc…   ordinary            steady  a refresh token that is never replaced
//   brief   access tokens end   public  no secret
//   basic   secret in a header  loose   need not use PKCE
//   es256   ID tokens so signed
import http from 'node:http';
import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { send, header, Jar } from './http.mjs';

const PATHS = ['/api/auth'];
const PROVIDERS = ['oidc', 'formpost', 'nosignup', 'closed', 'override', 'verified', 'steady', 'brief', 'public', 'basic', 'loose', 'es256', 'inline', 'started', 'unbound'];
export const SECRET = 'oidc-client-secret-0123456789';

const clients = (hosts) =>
  ['oidc', 'oidc2', 'steady', 'brief', 'public', 'basic', 'loose', 'es256'].map((id) => ({
    client_id: id,
    ...(id === 'public' ? {} : { client_secret: SECRET }),
    token_endpoint_auth_method: id === 'public' ? 'none' : id === 'basic' ? 'client_secret_basic' : 'client_secret_post',
    application_type: 'native', // so that a loopback callback may have any port
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    subject_type: 'pairwise', // see pairwiseIdentifier
    redirect_uris: hosts.flatMap((h) => PATHS.flatMap((p) => PROVIDERS.map((x) => `${h}${p}/callback/${x}`))),
    ...(id === 'es256' ? { id_token_signed_response_alg: 'ES256' } : {}),
  }));

/** the provider warns that it is set up for tests */
function hush() {
  for (const level of ['info', 'warn']) {
    const say = console[level];
    console[level] = (...all) => (String(all[0]).startsWith('oidc-provider ') ? undefined : say(...all));
  }
}

export async function startOidc({ port = 0 } = {}) {
  if (!process.env.CONFORMANCE_DEBUG) hush();
  const { default: Provider, interactionPolicy } = await import('oidc-provider');
  const policy = interactionPolicy.base();
  policy.get('consent').checks.remove('native_client_prompt'); // consent is given already
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const people = new Map();

  const server = http.createServer();
  await new Promise((r) => server.listen(port, '127.0.0.1', r));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: clients(['http://localhost']),
    jwks: {
      keys: [
        { ...rsa.privateKey.export({ format: 'jwk' }), kid: 'oidc-rsa', alg: 'RS256', use: 'sig' },
        { ...ec.privateKey.export({ format: 'jwk' }), kid: 'oidc-ec', alg: 'ES256', use: 'sig' },
      ],
    },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true, allowedPolicy: () => true }, claimsParameter: { enabled: true } },
    scopes: ['openid', 'offline_access', 'things', 'more'],
    claims: { openid: ['sub'], profile: ['name', 'picture', 'given_name', 'family_name', 'preferred_username'], email: ['email', 'email_verified'] },
    pkce: { required: (_, client) => client.clientId !== 'loose' },
    ttl: { AccessToken: (_, __, client) => (client.clientId === 'brief' ? 4 : 3600), IdToken: 3600, RefreshToken: 86400, Grant: 86400, Interaction: 600, Session: 600 },
    issueRefreshToken: () => true,
    rotateRefreshToken: (ctx) => ctx.oidc.client.clientId !== 'steady',
    interactions: { policy, url: (_, i) => `/interaction/${i.uid}` },
    subjectTypes: ['public', 'pairwise'],
    // an account is one login; its sub is what the scenario says
    pairwiseIdentifier: (_, id) => people.get(id).sub,
    findAccount: (_, id) => people.has(id) && { accountId: id, claims: () => people.get(id) },
    loadExistingGrant: async (ctx) => provider.Grant.find(await grantFor(ctx.oidc.client.clientId, ctx.oidc.session.accountId)),
  });
  if (process.env.CONFORMANCE_DEBUG) for (const e of ['grant.error', 'authorization.error', 'server_error']) provider.on(e, (_, err) => console.error('[oidc]', e, err.message, err.error_detail ?? ''));
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'token' && ctx.oidc.client?.clientId === 'steady' && ctx.oidc.params?.grant_type === 'refresh_token') delete ctx.body.refresh_token;
  });

  const grantFor = async (clientId, accountId) => {
    const grant = new provider.Grant({ clientId, accountId });
    grant.addOIDCScope('openid offline_access profile email things more');
    grant.addOIDCClaims(['name', 'picture', 'email', 'email_verified']);
    return grant.save();
  };
  const interact = async (req, res) => {
    const { params, prompt, session } = await provider.interactionDetails(req, res);
    if (prompt.name === 'consent') return provider.interactionFinished(req, res, { consent: { grantId: await grantFor(params.client_id, session.accountId) } });
    const sent = req.headers['x-person'];
    const person = sent ? JSON.parse(Buffer.from(sent, 'base64url')) : { sub: params.login_hint, email: params.login_hint, email_verified: true, name: String(params.login_hint).split('@')[0] };
    if (person.deny || !person.sub) return provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'nobody is here', ...person.deny }, { mergeWithLastSubmission: false });
    const login = randomBytes(12).toString('hex');
    people.set(login, person);
    return provider.interactionFinished(req, res, { login: { accountId: login, remember: false } }, { mergeWithLastSubmission: false });
  };
  const b64 = (v) => Buffer.from(v).toString('base64url');
  /** any ID token one may think of */
  const sign = ({ claims = {}, header: head = {}, key = 'own' }) => {
    const now = Math.floor(Date.now() / 1000);
    const alg = { none: 'none', hmac: 'HS256' }[key] ?? 'RS256';
    const all = { iss: issuer, iat: now, exp: now + 600, ...claims };
    for (const k of Object.keys(all)) if (all[k] === null) delete all[k]; // a claim that is left out
    const parts = `${b64(JSON.stringify({ alg, typ: 'JWT', kid: 'oidc-rsa', ...head }))}.${b64(JSON.stringify(Array.isArray(claims) ? claims : all))}`;
    if (key === 'none') return `${parts}.`;
    if (key === 'hmac') return `${parts}.${createHmac('sha256', rsa.publicKey.export({ type: 'spki', format: 'pem' })).update(parts).digest('base64url')}`;
    return `${parts}.${createSign('RSA-SHA256').update(parts).sign(key === 'stranger' ? stranger.privateKey : rsa.privateKey).toString('base64url')}`;
  };
  const callback = provider.callback();
  server.on('request', async (req, res) => {
    if (req.url.startsWith('/interaction/')) return interact(req, res).catch((e) => ((res.statusCode = 500), res.end(String(e))));
    if (req.url === '/__sign') {
      const chunks = [];
      for await (const c of req) chunks.push(c);
      return res.end(sign(JSON.parse(Buffer.concat(chunks))));
    }
    return callback(req, res);
  });
  return { url: issuer, close: () => new Promise((r) => (server.closeAllConnections?.(), server.close(r))) };
}

const unescape = (s) => s.replace(/&(amp|quot|lt|gt|#39|#x27);/g, (_, e) => ({ amp: '&', quot: '"', lt: '<', gt: '>', '#39': "'", '#x27': "'" })[e]);

/** A browser that goes to an authorization URL and logs in as `person`. It ends
 *  with the address it is sent back to, and with the fields of a form post. */
export async function logIn(authorizationUrl, person) {
  const issuer = new URL(authorizationUrl).origin;
  const jar = new Jar();
  let at = authorizationUrl;
  for (let hop = 0; hop < 8; hop++) {
    const cookies = jar.header();
    const headers = [...(cookies ? [['cookie', cookies]] : []), ...(person ? [['x-person', Buffer.from(JSON.stringify(person)).toString('base64url')]] : [])];
    const res = await send(at, { headers });
    jar.store(header(res.headers, 'set-cookie'));
    const location = header(res.headers, 'location')[0];
    const text = res.body.toString('utf8');
    if (!location) {
      const action = /<form[^>]* action="([^"]*)"/.exec(text)?.[1];
      if (!action) throw new Error(`the provider answers ${res.status}: ${text.replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 300)}`);
      const fields = Object.fromEntries([...text.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, k, v]) => [k, unescape(v)]));
      return { url: unescape(action), fields };
    }
    at = new URL(location, at).href;
    if (!at.startsWith(issuer)) return { url: at };
  }
  throw new Error(`the provider sends the browser round and round: ${at}`);
}

/** Tokens as an app of its own gets them, without the server under test. */
export async function nativeTokens(issuer, person, { clientId = 'oidc', nonce, redirectUri = 'http://localhost/api/auth/callback/oidc', scope = 'openid profile email', claims } = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const u = new URL(`${issuer}/auth`);
  const ask = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope, code_challenge_method: 'S256', code_challenge: createHash('sha256').update(verifier).digest('base64url'), nonce, claims };
  for (const [k, v] of Object.entries(ask)) if (v !== undefined) u.searchParams.set(k, v);
  const back = new URL((await logIn(u.href, person)).url);
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: back.searchParams.get('code'), redirect_uri: redirectUri, client_id: clientId, client_secret: SECRET, code_verifier: verifier });
  return (await fetch(`${issuer}/token`, { method: 'POST', body })).json();
}

/** The provider forgets a grant, as when a person withdraws it there. */
export async function revoke(issuer, token, clientId = 'oidc') {
  return (await fetch(`${issuer}/token/revocation`, { method: 'POST', body: new URLSearchParams({ token, client_id: clientId, client_secret: SECRET }) })).status;
}

export const signIdToken = async (issuer, request) => (await fetch(`${issuer}/__sign`, { method: 'POST', body: JSON.stringify(request) })).text();
