"""The official Python client against the sandbox, and its validator on a webhook that the sandbox sent."""

import json
import os
import urllib.request

import mercadopago
from mercadopago.config import RequestOptions
from mercadopago.http import HttpClient
from mercadopago.webhook import InvalidWebhookSignatureError, WebhookSignatureValidator

BASE = os.environ["SANDBOX_URL"]


class ToSandbox(HttpClient):
    """The real client with another address."""

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://api.mercadopago.com", BASE), *args, **kwargs)


def control(path, body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/_control/mercadopago{path}", data, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


sdk = mercadopago.SDK("TEST-token", http_client=ToSandbox())
made = sdk.preference().create({
    "items": [{"title": "Cabaña 1", "quantity": 1, "currency_id": "ARS", "unit_price": 45000.5}],
    "external_reference": "bk-python",
})
assert made["status"] == 201, made
preference = made["response"]["id"]
assert sdk.preference().get(preference)["response"]["external_reference"] == "bk-python"

paid = control(f"/preferences/{preference}/pay", {})
payment = sdk.payment().get(paid["id"])
assert (payment["status"], payment["response"]["transaction_amount"]) == (200, 45000.5)
found = sdk.payment().search({"external_reference": "bk-python"})["response"]
assert [one["id"] for one in found["results"]] == [paid["id"]], found

options = RequestOptions(custom_headers={"x-idempotency-key": "same"})
first = sdk.refund().create(paid["id"], {"amount": 10.5}, options)
again = sdk.refund().create(paid["id"], {"amount": 10.5}, options)
assert first["status"] == 201, first
assert first["response"]["id"] == again["response"]["id"]
assert len(sdk.refund().list_all(paid["id"])["response"]) == 1
rest = sdk.refund().create(paid["id"])
assert rest["response"]["amount"] == 44990, rest
assert sdk.preference().create({"items": []})["status"] == 400
assert sdk.payment().get(123456)["status"] == 404

signed = [os.environ[name] for name in ("SIGNATURE", "REQUEST_ID", "DATA_ID", "SECRET")]
WebhookSignatureValidator.validate(*signed)
try:
    WebhookSignatureValidator.validate(signed[0], signed[1], "1", signed[3])
except InvalidWebhookSignatureError:
    pass
else:
    raise AssertionError("another payment's id was accepted")
