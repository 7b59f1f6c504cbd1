// A real OpenID provider (npm oidc-provider, from the conformance suite's
// packages) on loopback, with its own pages to log in and to consent.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const clientId = "gatehouse";
export const clientSecret = "a secret between the two";

export interface IdentityProvider {
  issuer: string;
}

// start serves a provider where a login is the person's name: ada becomes
// ada@acme.example.
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const suite = createRequire(resolve(import.meta.dirname, "../../conformance/package.json"));
  const { default: Provider } = await import(pathToFileURL(suite.resolve("oidc-provider")).href);
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  server.unref(); // it ends with its process, which may only have listed the tests
  const { port } = server.address() as { port: number };
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        application_type: "native", // so that the callback may have any port
        redirect_uris: ["http://localhost/api/auth/callback/acme"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: true, name: id.charAt(0).toUpperCase() + id.slice(1) }),
    }),
    pkce: { required: () => true },
  });
  server.on("request", provider.callback());
  return { issuer };
}
