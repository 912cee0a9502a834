"""pywa against the sandbox, and its validator on a webhook that the sandbox sent."""

import os
import pathlib

import httpx
from pywa import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types import Button
from pywa.utils import webhook_updates_validator

session = httpx.Client()
client = WhatsApp(phone_id=os.environ["PHONE"], token="TEST", session=session)
session.base_url = os.environ["SANDBOX_URL"] + "/v23.0"

guest = os.environ["GUEST"]
sent = client.send_message(to=guest, text="Hola, Lucía")
assert sent.id.startswith("wamid."), sent
client.send_message(to=guest, text="¿Confirmás?", buttons=[Button("Sí", callback_data="ok")])
try:
    client.send_message(to="5491100009999", text="Hola")
except WhatsAppError as error:
    assert error.code == 131047, error
else:
    raise AssertionError("free text left outside the window")

body = pathlib.Path(os.environ["BODY_FILE"]).read_bytes()
secret, signature = os.environ["APP_SECRET"], os.environ["SIGNATURE"]
assert webhook_updates_validator(secret, body, signature)
assert not webhook_updates_validator(secret, body + b" ", signature)
