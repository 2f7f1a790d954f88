"""A receiver of hooks that checks what it gets, with its own implementation of Standard Webhooks."""

import base64
import hashlib
import hmac
import json
import time

from .servers import Sink


def sign(secret, webhook_id, timestamp, body):
    """The signature of one secret: "v1,…"."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    mac = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


def verify(request, secret, tolerance_s=300):
    """The payload of a request that this secret signed; an AssertionError says what is wrong with it."""
    at = request.headers["webhook-timestamp"]
    assert at.isdigit() and abs(time.time() - int(at)) < tolerance_s, f"timestamp {at}"
    wanted = sign(secret, request.headers["webhook-id"], at, request.body)
    given = request.headers["webhook-signature"].split(" ")
    assert any(hmac.compare_digest(wanted, one) for one in given), f"{wanted} is not one of {given}"
    assert request.headers["content-type"] == "application/json"
    payload = json.loads(request.body)
    assert set(payload) == {"type", "timestamp", "data"}, payload
    return payload


class Receiver(Sink):
    """receiver.answers((500, ""), (200, "")) as of Sink; receiver.types() what came, in order."""

    @property
    def url(self):
        return self.url_of("/hook")

    def heard(self):
        with self.lock:
            return [(r.headers["webhook-id"], json.loads(r.body)) for r in self.requests]

    def types(self):
        return [payload["type"] for _, payload in self.heard()]
