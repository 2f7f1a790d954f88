"""Servers that stand in for, or in between: a sink, a scripted sendsms, a proxy that misbehaves."""

import http.client
import socket
import threading
import time
import urllib.parse
from collections import deque

from .proc import wait_until

SWALLOW, CLOSE, CUT, GARBLE, REFUSE, PASS = "swallow", "close", "cut", "garble", "refuse", "pass"


class Request:
    """One HTTP request as it came: method, path, query (last value of each name), headers (lower case), body."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        parts = urllib.parse.urlsplit(self.target)
        self.path = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True, errors="replace"))
        self.body = body
        self.raw = head + b"\r\n\r\n" + body
        self.at = time.time()

    def __repr__(self):
        return f"<{self.method} {self.target}>"


def read_message(stream):
    """One HTTP message: (head without its empty line, body), or None at the end. Length by Content-Length only."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return None
        head += line
    head = head[:-4]
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    body = stream.read(length) if length else b""
    return None if len(body) < length else (head, body)


def answer_bytes(status, body, content_type="text/html", extra=""):
    reason = http.client.responses.get(status, "")
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {len(data)}\r\n{extra}\r\n"
    return head.encode() + data


class Server:
    """A thread per connection on a free port. Subclasses write serve(connection, stream)."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = []
        self.connections = set()
        self.stopping = False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                if self.stopping:
                    connection.close()
                    continue
                self.connections.add(connection)
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        try:
            with connection.makefile("rb") as stream:
                self.serve(connection, stream)
        except (OSError, ValueError):
            pass
        finally:
            self.drop(connection)

    def serve(self, connection, stream):
        raise NotImplementedError

    def drop(self, connection):
        with self.lock:
            self.connections.discard(connection)
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def note(self, message):
        request = Request(*message)
        with self.lock:
            self.requests.append(request)
        return request

    def wait_requests(self, count, timeout_s=20.0):
        """Wait for at least `count` requests; all of them."""
        return wait_until(lambda: len(self.requests) >= count and list(self.requests),
                          lambda: f"{count} requests; there are {self.requests}", timeout_s)

    def stop(self):
        with self.lock:
            self.stopping = True
            open_ones = list(self.connections)
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for connection in open_ones:
            self.drop(connection)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class FakeSendsms(Server):
    """A sendsms that answers by script: fake.answers(503, "Temporal failure, try again later.") for the next request, and so on.

    An answer is (status, body), bytes sent as they are, None for silence (the connection stays open until stop or release),
    or CLOSE. When the script is empty every request gets `default`.
    """

    ACCEPTED = (202, "0: Accepted for delivery")
    QUEUED = (202, "3: Queued for later delivery")

    def __init__(self, default=ACCEPTED):
        self.script = deque()
        self.default = default
        self.delay_s = 0.0
        self.released = threading.Event()
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def answers(self, *script):
        self.script.extend(script)
        return self

    def to(self, phone):
        """The requests for one number: earlier tests may still have texts on their way."""
        with self.lock:
            return [r for r in self.requests if r.query["to"].lstrip("+") == phone.lstrip("+")]

    def release(self):
        """Let those who wait for silence to end get the default answer."""
        self.released.set()

    def stop(self):
        self.released.set()
        super().stop()

    def serve(self, connection, stream):
        while (message := read_message(stream)) is not None:
            with self.lock:
                answer = self.script.popleft() if self.script else self.default
            self.note(message)
            if self.delay_s:
                time.sleep(self.delay_s)
            if answer == CLOSE:
                return
            if answer is None:
                self.released.wait()
                answer = self.default
            connection.sendall(answer if isinstance(answer, bytes) else answer_bytes(*answer))


class Sink(FakeSendsms):
    """Takes whatever Kannel or a hook calls: 200 and an empty body, unless scripted otherwise."""

    def __init__(self, default=(200, "")):
        super().__init__(default)

    def url_of(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


class CloseOnSecond(Server):
    """Answers the first request of each connection, reads the second, and closes: what a client library may silently repeat.

    `requests` has what was read, answered or not; `answered` has what got an answer. closes=1: only so many second requests meet
    it, later connections behave.
    """

    def __init__(self, closes=None):
        self.answered = []
        self.closes = closes
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def serve(self, connection, stream):
        first = True
        while (message := read_message(stream)) is not None:
            request = self.note(message)
            if not first and self._may_close():
                return
            first = False
            with self.lock:
                self.answered.append(request)
            connection.sendall(answer_bytes(202, "0: Accepted for delivery", extra="Connection: Keep-Alive\r\n"))

    def _may_close(self):
        with self.lock:
            if self.closes is None:
                return True
            self.closes -= 1
            return self.closes >= 0


class SwallowProxy(Server):
    """Between handbox and smsbox: requests pass, answers may not.

        proxy = SwallowProxy(kannel.sendsms_port)
        proxy.next(SWALLOW)		the next request passes, its answer is read and kept, the connection stays open
        proxy.next(CLOSE, CUT, GARBLE)	then: closed without an answer; cut in the middle; replaced by rubbish
        proxy.next(REFUSE)		closed without having passed the request on
        proxy.rule = SWALLOW		every request from now, after those of next()
        proxy.delay_s = 2		each answer comes so much later

    `requests` are those that came, `passed` pairs (request, answer bytes) those that smsbox answered.
    """

    def __init__(self, target_port):
        self.target_port = target_port
        self.plan = deque()
        self.rule = PASS
        self.delay_s = 0.0
        self.passed = []
        self.ended = threading.Event()
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def next(self, *acts):
        self.plan.extend(acts)
        return self

    def stop(self):
        self.ended.set()
        super().stop()

    def serve(self, connection, stream):
        upstream = socket.create_connection(("127.0.0.1", self.target_port), timeout=120)
        try:
            with upstream.makefile("rb") as answers:
                while (message := read_message(stream)) is not None:
                    with self.lock:
                        act = self.plan.popleft() if self.plan else self.rule
                    request = self.note(message)
                    if act == REFUSE or not self._relay(connection, upstream, answers, request, act):
                        return
        finally:
            upstream.close()

    def _relay(self, connection, upstream, answers, request, act):
        """Pass one request on and treat its answer; False when the connection is over."""
        upstream.sendall(request.raw)
        got = read_message(answers)
        if got is None:
            return False
        whole = got[0] + b"\r\n\r\n" + got[1]
        with self.lock:
            self.passed.append((request, whole))
        if self.delay_s:
            self.ended.wait(self.delay_s)
        if act == SWALLOW:
            self.ended.wait()
            return False
        if act == CLOSE:
            return False
        if act == CUT:
            connection.sendall(whole[:len(whole) // 2])
            return False
        if act == GARBLE:
            connection.sendall(b"\x00\xff202 yes, no, perhaps\r\n\r\n")
            return False
        connection.sendall(whole)
        return True
