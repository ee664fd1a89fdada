// @node-oauth/oauth2-server behind its own express wrapper.
import OAuthServer from '@node-oauth/express-oauth-server';
import express from 'express';
import { addClient, model } from './model.js';

await addClient(process.env.BENCH_CLIENT_ID, process.env.BENCH_CLIENT_SECRET, [process.env.BENCH_SCOPE]);

const oauth = new OAuthServer({ model, accessTokenLifetime: Number(process.env.BENCH_TOKEN_LIFETIME_SECONDS) });

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.post('/oauth/token', express.urlencoded({ extended: false }), oauth.token());
app.listen(Number(process.env.BENCH_PORT), '127.0.0.1');
