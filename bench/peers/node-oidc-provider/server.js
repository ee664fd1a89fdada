// node-oidc-provider with nothing on but the client credentials grant; opaque tokens, its default.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';
import { RedisAdapter } from './redis_adapter.js';

const port = Number(process.env.BENCH_PORT);
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: RedisAdapter,
  clients: [
    {
      client_id: process.env.BENCH_CLIENT_ID,
      client_secret: process.env.BENCH_CLIENT_SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      scope: process.env.BENCH_SCOPE,
    },
  ],
  cookies: { keys: [randomBytes(32).toString('hex')] },
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256' }] },
  routes: { token: '/oauth/token' },
  scopes: [process.env.BENCH_SCOPE],
  ttl: { ClientCredentials: Number(process.env.BENCH_TOKEN_LIFETIME_SECONDS) },
});

provider.listen(port, '127.0.0.1');
