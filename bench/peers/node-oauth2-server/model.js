// The model that @node-oauth/oauth2-server asks its user to write, on Redis: one JSON string per client and per token.
import { createHash, timingSafeEqual } from 'node:crypto';
import Redis from 'ioredis';

const redis = new Redis(process.env.BENCH_REDIS_URL, { enableAutoPipelining: true });

const digest = (secret) => createHash('sha256').update(secret).digest();
const clientKey = (id) => `client:${id}`;

export async function addClient(id, secret, scopes) {
  const client = { id, secret: digest(secret).toString('hex'), grants: ['client_credentials'], scopes };
  await redis.set(clientKey(id), JSON.stringify(client));
}

export const model = {
  async getClient(id, secret) {
    const value = await redis.get(clientKey(id));
    if (!value) return null;
    const client = JSON.parse(value);
    return timingSafeEqual(Buffer.from(client.secret, 'hex'), digest(secret)) ? client : null;
  },

  async getUserFromClient(client) {
    return { id: client.id };
  },

  async validateScope(user, client, scope) {
    return (scope ?? client.scopes).every((one) => client.scopes.includes(one)) && (scope ?? client.scopes);
  },

  async saveToken(token, client, user) {
    const record = { client: client.id, scope: token.scope, expires: token.accessTokenExpiresAt };
    const seconds = Math.round((token.accessTokenExpiresAt - Date.now()) / 1000);
    await redis.set(`token:${token.accessToken}`, JSON.stringify(record), 'EX', seconds);
    return { ...token, client: { id: client.id }, user };
  },
};
