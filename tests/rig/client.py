"""A client of the HTTP API, written against the contract and nothing else."""

import http.client
import json
import urllib.parse

from . import openapi


class Answer:
    """status, headers (lower case), text, and json (None when the body is not JSON)."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.text = body.decode("utf-8")
        self.json = None
        if "json" in headers.get("content-type", "") and body:
            self.json = json.loads(self.text, object_pairs_hook=_no_duplicates)

    def __repr__(self):
        return f"<{self.status} {self.text[:600]}>"

    def __getitem__(self, key):
        return self.json[key]

    def expect(self, *statuses):
        """This answer, when its status is one of these; an AssertionError that shows it otherwise."""
        assert self.status in statuses, f"expected {statuses}, got {self!r}"
        return self

    def problem(self, status, code):
        """Check that this is a problem of RFC 9457 with this status and code; its JSON."""
        self.expect(status)
        assert self.headers.get("content-type", "").startswith("application/problem+json"), self.headers
        for member in ("type", "title", "status", "code", "detail"):
            assert member in self.json, f"no {member} in {self!r}"
        assert self.json["status"] == status, self
        assert self.json["code"] == code, self
        return self.json


def _no_duplicates(pairs):
    found = dict(pairs)
    assert len(found) == len(pairs), f"duplicate members in an answer: {pairs}"
    return found


class Client:
    """One kept-alive connection as one caller. Not for several threads at once: make one each.

        ana = Client("127.0.0.1", port, token)
        card = ana.post(f"/tasks/{id}/open", {}).expect(200)
    """

    def __init__(self, host, port, token=None, base="/api/v1", timeout_s=30.0):
        self.host, self.port, self.base, self.timeout_s = host, port, base, timeout_s
        self.token = token
        self.conn = None

    def close(self):
        if self.conn:
            self.conn.close()
            self.conn = None

    def request(self, method, path, body=None, headers=None, query=None, key=None):
        """Send once, never twice: an OSError or HTTPException means that the outcome is not known.

        body: bytes as they are, a str as XML, anything else as JSON. key: the Idempotency-Key.
        A kept-alive connection that the server closed while idle is noticed before anything is written.
        """
        sent = {"Accept": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        if key:
            sent["Idempotency-Key"] = key
        if isinstance(body, str):
            body, sent["Content-Type"] = body.encode(), "application/xml"
        elif body is not None and not isinstance(body, bytes):
            body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        sent.update(headers or {})
        if query:
            path += "?" + urllib.parse.urlencode(query)
        self._connect()
        try:
            self.conn.request(method, self.base + path, body, sent)
            answer = self.conn.getresponse()
            value = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        except BaseException:
            self.close()
            raise
        if answer.will_close:
            self.close()
        openapi.hold(method, self.base + path, value)
        return value

    def _connect(self):
        if self.conn and self.conn.sock and self._dead():
            self.close()
        if not self.conn:
            self.conn = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)

    def _dead(self):
        """True when the idle connection has something to read: only its end can have come."""
        self.conn.sock.setblocking(False)
        try:
            self.conn.sock.recv(1)
            return True
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.conn.sock.settimeout(self.timeout_s)

    def get(self, path, **query):
        return self.request("GET", path, query=query)

    def post(self, path, body=None, **options):
        return self.request("POST", path, {} if body is None else body, **options)

    def put(self, path, body, **options):
        return self.request("PUT", path, body, **options)

    def patch(self, path, body, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def items(self, path, **query):
        """Every item of a list, page by page."""
        cursor, found = None, []
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {})).expect(200).json
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found
