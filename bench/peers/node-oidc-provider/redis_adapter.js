// The storage of node-oidc-provider in Redis, as its documentation's example does it for tokens without a grant:
// one JSON string per token.
//
// multi:          SET and EXPIRE in one transaction, the example's way.
// auto-pipelining: one SET with its expiry, so that ioredis can join commands of different requests into one write.
import Redis from 'ioredis';

const autoPipelining = process.env.BENCH_AUTO_PIPELINING === '1';
const redis = new Redis(process.env.BENCH_REDIS_URL, { keyPrefix: 'oidc:', enableAutoPipelining: autoPipelining });

export class RedisAdapter {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id);
    const value = JSON.stringify(payload);
    if (autoPipelining) {
      await redis.set(key, value, 'EX', expiresIn);
    } else {
      await redis.multi().set(key, value).expire(key, expiresIn).exec();
    }
  }

  async find(id) {
    const value = await redis.get(this.key(id));
    return value ? JSON.parse(value) : undefined;
  }

  async destroy(id) {
    await redis.del(this.key(id));
  }
}
