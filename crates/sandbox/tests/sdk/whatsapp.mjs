// Two WhatsApp clients against the sandbox, and their validators on a webhook that the sandbox sent.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { SANDBOX_URL, SDK, PHONE, GUEST, APP_SECRET, SIGNATURE, BODY_FILE } = process.env
const require = createRequire(`${SDK}/`)
const { WhatsAppClient } = require('@kapso/whatsapp-cloud-api')
const { verifySignature, normalizeWebhook } = require('@kapso/whatsapp-cloud-api/server')
const body = readFileSync(BODY_FILE)

const kapso = new WhatsAppClient({ accessToken: 'TEST', baseUrl: SANDBOX_URL, graphVersion: 'v23.0' })
const to = { phoneNumberId: PHONE, to: GUEST }
const sent = await kapso.messages.sendText({ ...to, body: 'Hola, Lucía' })
assert.match(sent.messages[0].id, /^wamid\./)
await kapso.messages.sendInteractiveButtons({
  ...to, bodyText: '¿Confirmás?', buttons: [{ id: 'ok', title: 'Sí' }, { id: 'no', title: 'No' }],
})
await kapso.messages.sendInteractiveList({
  ...to, bodyText: '¿Cuál?', buttonText: 'Elegir', sections: [{ title: 'Libres', rows: [{ id: 'r1', title: 'Cabaña 1' }] }],
})
await kapso.messages.sendTemplate({ ...to, template: { name: 'booking_confirmed', language: { code: 'es_AR' } } })

assert.equal(verifySignature({ appSecret: APP_SECRET, rawBody: body, signatureHeader: SIGNATURE }), true)
assert.equal(verifySignature({ appSecret: 'another', rawBody: body, signatureHeader: SIGNATURE }), false)
const normal = normalizeWebhook(JSON.parse(body))
assert.equal(normal.messages[0].text.body, '¿Mañana? 👍')

// whatsapp-api-js declares Node 22.13; what is used here loads on older ones.
const { WhatsAppAPI } = await import(pathToFileURL(`${SDK}/node_modules/whatsapp-api-js/lib/index.js`))
const { Text } = await import(pathToFileURL(`${SDK}/node_modules/whatsapp-api-js/lib/messages/index.js`))
const here = (url, options) => fetch(String(url).replace('https://graph.facebook.com', SANDBOX_URL), options)
const api = new WhatsAppAPI({
  token: 'TEST', appSecret: APP_SECRET, webhookVerifyToken: 'doc-verify-token', v: 'v23.0', ponyfill: { fetch: here },
})
const answer = await api.sendMessage(PHONE, GUEST, new Text('Hola otra vez'))
assert.match(answer.messages[0].id, /^wamid\./)
assert.equal(await api.verifyRequestSignature(body.toString(), SIGNATURE), true)
assert.equal(await api.verifyRequestSignature(`${body} `, SIGNATURE), false)
const handshake = { 'hub.mode': 'subscribe', 'hub.verify_token': 'doc-verify-token', 'hub.challenge': '1158201444' }
assert.equal(await api.get(handshake), '1158201444')
