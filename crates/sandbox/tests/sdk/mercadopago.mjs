// The official Node client against the sandbox: preference, read, pay, search, refund; then its own validator
// on a webhook that the sandbox sent. A fresh client per call, since this one leaks idempotency keys.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const { SANDBOX_URL, SDK, SIGNATURE, REQUEST_ID, DATA_ID, SECRET, NOTICE_URL } = process.env
const require = createRequire(`${SDK}/`)
require('mercadopago/dist/utils/config').AppConfig.BASE_URL = SANDBOX_URL
const sdk = require('mercadopago')
const config = () => new sdk.MercadoPagoConfig({ accessToken: 'TEST-token' })

const control = async (path, body) => {
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await fetch(`${SANDBOX_URL}/_control/mercadopago${path}`, options)).json()
}

const preference = await new sdk.Preference(config()).create({
  body: {
    items: [{ id: 'bk-17', title: 'Cabaña 1, 2 noches', quantity: 1, currency_id: 'ARS', unit_price: 45000.5 }],
    external_reference: 'bk-node',
    notification_url: NOTICE_URL,
  },
})
assert.match(preference.init_point, /\/checkout\/v1\/redirect\?pref_id=/)
const read = await new sdk.Preference(config()).get({ preferenceId: preference.id })
assert.equal(read.external_reference, 'bk-node')

const paid = await control(`/preferences/${preference.id}/pay`, {})
const payment = await new sdk.Payment(config()).get({ id: paid.id })
assert.deepEqual([payment.status, payment.transaction_amount], ['approved', 45000.5])
const found = await new sdk.Payment(config()).search({ options: { external_reference: 'bk-node' } })
assert.deepEqual(found.results.map((one) => one.id), [paid.id])

const refund = (key) => new sdk.PaymentRefund(config()).create({
  payment_id: paid.id, body: { amount: 10.5 }, requestOptions: { idempotencyKey: key },
})
const [first, again] = [await refund('same'), await refund('same')]
assert.equal(first.id, again.id)
const rest = await new sdk.PaymentRefund(config()).total({ payment_id: paid.id, requestOptions: { idempotencyKey: 'rest' } })
assert.equal(rest.amount, 44990)
const refunds = await new sdk.PaymentRefund(config()).list({ payment_id: paid.id })
assert.equal(refunds.length, 2)

const pending = await control(`/preferences/${preference.id}/pay`, { decision: 'pending' })
assert.equal((await new sdk.Payment(config()).cancel({ id: pending.id })).status, 'cancelled')
const order = await new sdk.MerchantOrder(config()).get({ merchantOrderId: paid.order.id })
assert.equal(order.preference_id, preference.id)
await assert.rejects(new sdk.Preference(config()).create({ body: { items: [] } }))

const signed = { xSignature: SIGNATURE, xRequestId: REQUEST_ID, dataId: DATA_ID, secret: SECRET }
sdk.WebhookSignatureValidator.validate(signed)
assert.throws(() => sdk.WebhookSignatureValidator.validate({ ...signed, dataId: '1' }))
assert.throws(() => sdk.WebhookSignatureValidator.validate({ ...signed, secret: 'another' }))
