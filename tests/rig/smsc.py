"""The SMPP message centre: conf/demo/smscsim.js, started, told to misbehave, and read."""

import http.client
import json
import subprocess
import time

from .proc import ROOT, Proc, free_port, wait_until

SCRIPT = ROOT / "conf" / "demo" / "smscsim.js"


class Smsc:
    """smsc.behave(dlr_delay_ms=0, throttle_next=2); smsc.inbound("+351911111111", "12345", "hi"); smsc.texts()

    The log file is the truth (it outlives a kill); `texts` are whole texts as a handset would show them, parts put together.
    """

    def __init__(self, folder, behaviour=None):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "smsc.jsonl"
        self.behaviour = {"dlr_delay_ms": 50, **(behaviour or {})}
        self.port, self.control = free_port(), free_port()
        self.proc = None

    def start(self):
        """Start it, or start it again on the same ports, and wait until it listens."""
        self.proc = Proc(
            "smscsim",
            ["node", SCRIPT, "--port", self.port, "--control", self.control, "--log", self.log,
             "--behaviour", json.dumps(self.behaviour)],
            self.folder / "smscsim.log", stdout=subprocess.PIPE)
        line = self.proc.popen.stdout.readline()
        self.proc.popen.stdout.close()
        if not line:
            self.proc.wait(5)
            raise AssertionError(f"smscsim did not start (npm ci in conf/demo?): {self.proc.tail()}")
        return self

    def stop(self):
        if self.proc and self.proc.alive():
            self.proc.stop()

    def kill(self):
        self.proc.kill()

    def ask(self, method, path, body=None):
        """One request to the control port; its JSON. AssertionError with its words when it refuses."""
        conn = http.client.HTTPConnection("127.0.0.1", self.control, timeout=10)
        try:
            conn.request(method, path, None if body is None else json.dumps(body))
            answer = conn.getresponse()
            value = json.loads(answer.read())
        finally:
            conn.close()
        if answer.status != 200:
            raise AssertionError(f"smscsim {method} {path}: {value['error']}")
        return value

    def behave(self, **rules):
        """Change behaviour: the names stand in smscsim.js; None brings the default back."""
        return self.ask("PUT", "/behaviour", rules)

    def inbound(self, sender, to, text, data_coding=None):
        """A text from a handset; how many parts it took."""
        body = {"from": sender, "to": to, "text": text}
        if data_coding is not None:
            body["data_coding"] = data_coding
        return self.ask("POST", "/mo", body)["parts"]

    def inbound_octets(self, sender, to, octets, data_coding, esm_class=0):
        """One short message from a handset, byte by byte; esm_class 0x40: a header stands first."""
        self.ask("POST", "/mo", {"from": sender, "to": to, "octets": octets.hex(), "data_coding": data_coding,
                                 "esm_class": esm_class})

    def disconnect(self):
        return self.ask("POST", "/disconnect")["disconnected"]

    def stats(self):
        return self.ask("GET", "/stats")

    def events(self, kind=None, **fields):
        """Events of the log file in order, of one type and with these fields."""
        found = []
        with open(self.log, "rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                event = json.loads(line)
                if (kind is None or event["type"] == kind) and all(
                        event.get(key) == value for key, value in fields.items()):
                    found.append(event)
        return found

    def texts(self, **fields):
        """Whole texts taken, oldest first; narrowed by source, destination, text."""
        return self.events("text", **fields)

    def wait_texts(self, count, timeout_s=20.0, **fields):
        """Wait for at least `count` texts; all of them."""
        return wait_until(
            lambda: (found := self.texts(**fields)) and len(found) >= count and found,
            lambda: f"{count} texts at the message centre {fields}; there are {len(self.texts(**fields))}",
            timeout_s)

    def wait_bound(self, timeout_s=30.0):
        return wait_until(lambda: self.stats()["bound"], "an SMPP bind", timeout_s, 0.05)

    def wait_quiet(self, quiet_s=1.0, timeout_s=30.0):
        """Wait until the log has not grown for quiet_s, for claims that nothing more comes."""
        state = {"size": -1, "since": time.monotonic()}

        def quiet():
            size = self.log.stat().st_size
            if size != state["size"]:
                state.update(size=size, since=time.monotonic())
            return time.monotonic() - state["since"] >= quiet_s
        wait_until(quiet, "a quiet message centre", timeout_s, 0.05)
