// A certified OpenID provider for tests: node provider.mjs PORT REDIRECT_URI ACCOUNTS.json
// ACCOUNTS.json is read anew at every sign-in: {"frida": {"name": "…", "groups": ["…"]}}
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, redirectUri, accounts] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "apportion",
    client_secret: "only-for-tests",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  claims: { openid: ["sub", "groups"], profile: ["name", "preferred_username"], email: ["email"] },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  cookies: { keys: ["only-for-tests"] },
  ttl: { IdToken: Number(process.env.ID_TOKEN_TTL ?? 60), AccessToken: 60, AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 600 },
  findAccount: async (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, preferred_username: id, ...JSON.parse(readFileSync(accounts, "utf8"))[id] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
