// The life of a token, seen by openid-client, which configures itself from the metadata of ISSUER.
// What it took from each answer goes to standard output, as one JSON document.
import * as oauth from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, METHOD } = process.env
const methods = {
  client_secret_basic: oauth.ClientSecretBasic,
  client_secret_post: oauth.ClientSecretPost,
}

const discovered = (secret) =>
  oauth.discovery(new URL(ISSUER), CLIENT_ID, undefined, methods[METHOD](secret), {
    algorithm: 'oauth2',
    execute: [oauth.allowInsecureRequests], // ISSUER is on loopback.
  })

const failure = async (call) => {
  try {
    await call
    return null
  } catch (error) {
    return { name: error.name, code: error.code, status: error.status, cause: error.cause }
  }
}

const config = await discovered(CLIENT_SECRET)
const parameters = new URLSearchParams({ scope: 'read' })
for (const resource of ['https://api.example/a', 'https://api.example/b']) parameters.append('resource', resource)
const granted = await oauth.clientCredentialsGrant(config, parameters)
const token = granted.access_token

const active = await oauth.tokenIntrospection(config, token)
await oauth.tokenRevocation(config, token, { token_type_hint: 'access_token' })
const revoked = await oauth.tokenIntrospection(config, token, { token_type_hint: 'refresh_token' })
await oauth.tokenRevocation(config, 'unknown')

const stranger = await discovered('wrong')
console.log(
  JSON.stringify({
    metadata: config.serverMetadata(),
    token,
    active,
    revoked,
    refusedTarget: await failure(oauth.clientCredentialsGrant(config, { resource: 'https://other.example' })),
    refusedIntrospection: await failure(oauth.tokenIntrospection(stranger, token)),
    refusedRevocation: await failure(oauth.tokenRevocation(stranger, token)),
  }),
)
