"""A mail server: aiosmtpd, a whole SMTP server of Debian's, that answers as a test tells it to."""

import asyncio
import email
import email.policy
import ssl
import subprocess
import threading
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from .proc import free_port, wait_until

# What may become of a message, besides an answer of one's own: "451 4.7.1 Come back later"
TAKE = "250 2.0.0 Queued"
VANISH = "vanish"      # taken, and the connection breaks before the answer
SILENCE = "silence"    # read, and not answered until release()


class Mail:
    """One message that was taken: sender, recipients, and what was between DATA and the dot."""

    def __init__(self, envelope):
        self.sender = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.raw = envelope.content
        self.message = email.message_from_bytes(self.raw, policy=email.policy.default)

    def __repr__(self):
        return f"<mail to {self.recipients}: {self['subject']}>"

    def __getitem__(self, header):
        return self.message[header]

    @property
    def text(self):
        return self.message.get_content().replace("\r\n", "\n")


class MailServer:
    """server = MailServer().start(); server.url; server.rcpt.append("550 5.1.1 No such user"); server.wait(1)

    rcpt and data are scripts: each RCPT, each message takes the next answer from the front, and the good one when the script
    is empty. `mails` are those that were taken, `conversations` counts connections, `open` those there are now, `most_at_once`
    messages whose answer was awaited together.
    tls: a certificate from certificate(folder), for STARTTLS (implicit=True: from the first byte); login: (user, password).
    """

    def __init__(self, tls=None, implicit=False, login=None, port=None):
        self.port = port or free_port()
        self.tls, self.implicit, self.login = tls, implicit, login
        self.mails, self.rcpt, self.data = [], [], []
        self.conversations = self.open = self.at_once = self.most_at_once = 0
        self.logins = []
        self.released = threading.Event()
        self.controller = None

    @property
    def url(self):
        return f"smtp{'s' if self.implicit else ''}://127.0.0.1:{self.port}"

    def start(self):
        options = {"hostname": "127.0.0.1", "port": self.port}
        context = None
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
        if self.implicit:
            options["ssl_context"] = context
        elif context:
            options.update(tls_context=context, require_starttls=True)
        if self.login:
            options.update(authenticator=self._authenticate, auth_required=True, auth_require_tls=bool(self.tls) and not self.implicit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # with TLS from the first byte aiosmtpd sees none
            self.controller = Controller(self, **options)
            self.controller.start()
        return self

    def stop(self):
        self.released.set()
        if self.controller:
            self.controller.stop()
            self.controller = None

    def release(self):
        self.released.set()

    def wait(self, count, **which):
        """Wait for at least so many that were taken; to="…" keeps those to this address. All of them."""
        return wait_until(lambda: len(found := self.taken(**which)) >= count and found,
                          lambda: f"{count} mails {which}; there are {self.mails}")

    def taken(self, to=None):
        return [m for m in list(self.mails) if to is None or m.recipients == [to]]

    # ---- what aiosmtpd calls

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == self.login, handled=False)

    async def handle_EHLO(self, server, session, _envelope, hostname, responses):
        session.host_name = hostname
        if not getattr(session, "is_counted", False):
            session.is_counted = True
            self.conversations += 1
            self.open += 1
            server.transport_watch = asyncio.ensure_future(self._watch(server))
        return responses

    async def _watch(self, server):
        while server.transport is not None and not server.transport.is_closing():
            await asyncio.sleep(0.01)
        self.open -= 1

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        answer = self.rcpt.pop(0) if self.rcpt else "250 2.1.5 Ok"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, _session, envelope):
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        answer = self.data.pop(0) if self.data else TAKE
        if answer == SILENCE:
            while not self.released.is_set():
                await asyncio.sleep(0.01)
            answer = TAKE
        if answer in (TAKE, VANISH):
            self.mails.append(Mail(envelope))
        self.at_once -= 1
        if answer == VANISH:
            server.transport.abort()
        return answer


def certificate(folder, name="localhost"):
    """A certificate that vouches for itself, for 127.0.0.1 too: (path, path of its key)."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "mail-cert.pem", folder / "mail-key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True)
    return paths
