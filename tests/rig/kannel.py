"""A Kannel of our own: bearerbox and smsbox from Debian's package, their files, ports and store in one folder."""

import http.client
import re
import urllib.parse

from .proc import Proc, answers, free_port, wait_until

USER, PASSWORD = "handbox", "kannel-secret"
SMSC_ID = "SIM"


def group(name, **keys):
    """One group of a Kannel configuration; underscores in keys become dashes, None leaves a key out."""
    lines = [f"group = {name}"]
    for key, value in keys.items():
        if value is not None:
            lines.append(f"{key.replace('_', '-')} = {_quoted(value)}")
    return "\n".join(lines) + "\n"


def _quoted(value):
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return text if re.fullmatch(r"[A-Za-z0-9._-]+", text) else f'"{text}"'


class Kannel:
    """bearerbox + smsbox in front of an Smsc.

    core, smsbox, user and smsc_link are extra keys of these groups, inbound_url is the get-url of a catch-all sms-service,
    groups is text pasted at the end (what kannel-snippet prints). For example queue_limit=10 is sms-outgoing-queue-limit.

    What to know (Kannel 1.4.5):
    - bearerbox on SIGTERM tells smsbox to go: smsbox exits and stays away until start_smsbox().
    - bearerbox on SIGKILL: smsbox closes its port, sleeps 10 s and executes itself again, under a new pid. Now and then it panics
      instead (gwlib/list.c: a lock already destroyed); return_smsbox() then starts it, as an init system would.
    - dlr-storage is internal: delivery reports of texts sent before a restart of bearerbox are not matched.
    - smsc_link reconnects after 1 s here (10 by default); wait_ack_expire=2 so that bearerbox itself never sends twice.
    """

    def __init__(self, folder, smsc, inbound_url=None, queue_limit=None, store="spool", core=None, smsbox=None,
                 user=None, smsc_link=None, groups="", plain=False):
        self.folder = folder
        self.smsc = smsc
        self.inbound_url = inbound_url
        self.options = {
            "core": {"sms_outgoing_queue_limit": queue_limit, "store_type": store, **(core or {})},
            "smsbox": smsbox or {}, "user": user or {}, "smsc": smsc_link or {},
        }
        self.groups = groups
        self.plain = plain
        self.conf = folder / "kannel.conf"
        self.bearerbox = None
        self.smsbox = None
        for name in ("log", "store"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._pick_ports()

    def _pick_ports(self):
        self.admin_port, self.box_port, self.sendsms_port = free_port(), free_port(), free_port()
        self.write_conf()

    @property
    def sendsms_url(self):
        return f"http://127.0.0.1:{self.sendsms_port}/cgi-bin/sendsms"

    @property
    def access_log(self):
        return self.folder / "log" / "access.log"

    # ---- files

    def write_conf(self):
        """Write kannel.conf anew: after a change of options or groups, before a restart."""
        self.conf.write_text("\n".join(self._groups()))

    def _groups(self):
        log = self.folder / "log"
        options = self.options
        local = {"user_deny_ip": "*.*.*.*", "user_allow_ip": "127.0.0.1"}
        yield group("core", **{
            "admin_port": self.admin_port, "admin_interface": "127.0.0.1", "admin_password": "admin",
            "status_password": "status", "admin_deny_ip": "*.*.*.*", "admin_allow_ip": "127.0.0.1",
            "smsbox_port": self.box_port, "smsbox_interface": "127.0.0.1",
            "box_deny_ip": "*.*.*.*", "box_allow_ip": "127.0.0.1",
            "log_file": log / "bearerbox.log", "log_level": 0, "access_log": self.access_log,
            "store_location": self.folder / "store", "store_dump_freq": 1,
            "dlr_storage": "internal", "sms_resend_freq": 2, **options["core"]})
        yield group("smsc", **{
            "smsc": "smpp", "smsc_id": SMSC_ID, "host": "127.0.0.1", "port": self.smsc.port,
            "transceiver_mode": True, "smsc_username": "kannel", "smsc_password": "secret", "system_type": "VMA",
            "interface_version": 34, "reconnect_delay": 1,
            "wait_ack": 60, "wait_ack_expire": 2, **options["smsc"]})
        yield group("smsbox", **{
            "smsbox_id": "box1", "bearerbox_host": "127.0.0.1", "sendsms_port": self.sendsms_port,
            "sendsms_interface": "127.0.0.1", "log_file": log / "smsbox.log", "log_level": 0,
            "access_log": log / "smsbox-access.log", "sendsms_chars": "0123456789 +-",
            "http_request_retry": 20, "http_queue_delay": 1, **options["smsbox"]})
        yield group("smsbox-route", smsbox_id="box1", smsc_id=SMSC_ID)
        yield group("sendsms-user", **{
            "username": USER, "password": PASSWORD, "concatenation": True, "max_messages": 10, **local, **options["user"]})
        if self.inbound_url:
            yield group("sms-service", keyword="default", catch_all=True, max_messages=0, get_url=self.inbound_url)
        if self.groups:
            yield self.groups

    # ---- start and stop

    def start(self):
        """Start both boxes and wait until a text could pass; new ports when one was taken meanwhile."""
        for attempt in range(3):
            try:
                return self._start()
            except AssertionError:
                if attempt == 2 or self.bearerbox.alive():
                    raise
                self._pick_ports()

    def _start(self):
        self.start_bearerbox()
        self.start_smsbox()
        if not self.plain:
            self.wait_online()
        return self

    def start_bearerbox(self):
        self.bearerbox = Proc("bearerbox", ["bearerbox", "-v", "2", self.conf], self.folder / "log" / "bearerbox.out")
        self._wait_port(self.bearerbox, self.admin_port)
        self._wait_port(self.bearerbox, self.box_port)

    def start_smsbox(self):
        self.smsbox = Proc("smsbox", ["smsbox", "-v", "2", self.conf], self.folder / "log" / "smsbox.out")
        self.wait_smsbox()

    @staticmethod
    def _wait_port(proc, port):
        wait_until(lambda: answers(port) or not proc.alive(), f"{proc.name} to listen on {port}")
        if not proc.alive():
            raise AssertionError(f"{proc.name} ended with {proc.returncode}: {proc.tail()}")

    def wait_smsbox(self, timeout_s=30.0):
        """Wait until smsbox serves sendsms (after kill -9 of bearerbox it comes back by itself)."""
        wait_until(lambda: (answers(self.sendsms_port) and self.boxes()) or not (
            self.smsbox.alive() or self.smsbox.inherited()), "smsbox to serve sendsms", timeout_s, 0.05)
        if not self.smsbox.alive():
            raise AssertionError(f"smsbox ended with {self.smsbox.returncode}: {self.smsbox.tail()}")

    def return_smsbox(self, timeout_s=60.0):
        """Wait until smsbox is back after kill -9 of bearerbox; one that panicked on the way is started again."""
        wait_until(lambda: (answers(self.sendsms_port) and self.boxes()) or not (
            self.smsbox.alive() or self.smsbox.inherited()), "smsbox to come back", timeout_s, 0.05)
        if self.smsbox.alive():
            return
        if "PANIC" not in self.smsbox.tail(60):
            raise AssertionError(f"smsbox ended with {self.smsbox.returncode}: {self.smsbox.tail()}")
        self.start_smsbox()

    def wait_online(self, timeout_s=30.0):
        wait_until(self.online, lambda: f"{SMSC_ID} to be online: {self.status()[-400:]}", timeout_s, 0.05)

    def restart(self):
        """A decent restart of both, on the same ports and store."""
        self.stop()
        self.write_conf()
        return self._start()

    def restart_smsbox(self):
        if self.smsbox.alive():
            self.smsbox.stop()
        self.start_smsbox()

    def crash_bearerbox(self):
        """kill -9 of bearerbox and a new one; smsbox comes back after about 11 s: return_smsbox()."""
        self.bearerbox.kill()
        self.start_bearerbox()

    def stop(self):
        """smsbox first: bearerbox would make it exit anyway."""
        for proc in (self.smsbox, self.bearerbox):
            if proc and proc.alive():
                proc.stop()

    # ---- admin pages

    def admin(self, command, **query):
        """The text of an admin page: admin("suspend"), admin("resume"), admin("stop-smsc", smsc="SIM")."""
        secret = "status" if command.startswith("status") else "admin"
        path = f"/{command}?" + urllib.parse.urlencode({"password": secret, **query})
        conn = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        try:
            conn.request("GET", path)
            return conn.getresponse().read().decode(errors="replace")
        finally:
            conn.close()

    def status(self):
        try:
            return self.admin("status.xml")
        except OSError as error:
            return f"(bearerbox does not answer: {error})"

    def online(self):
        return re.search(r"<id>%s</id>.*?<status>online" % SMSC_ID, self.status(), re.S) is not None

    def boxes(self):
        return len(re.findall(r"<box>.*?<type>smsbox</type>.*?<status>on-line", self.status(), re.S))

    def queued(self):
        """Texts that bearerbox holds and has not sent."""
        found = re.search(r"<sms>.*?<sent>.*?<queued>(\d+)</queued>", self.status(), re.S)
        return int(found.group(1)) if found else None

    # ---- sendsms, straight

    def sendsms(self, to, text, timeout_s=30.0, url=None, **query):
        """One GET of sendsms as any client would do: (status, body)."""
        target = urllib.parse.urlsplit(url or self.sendsms_url)
        fields = {"username": USER, "password": PASSWORD, "from": "12345", "to": to, "text": text, **query}
        conn = http.client.HTTPConnection(target.hostname, target.port, timeout=timeout_s)
        try:
            conn.request("GET", target.path + "?" + urllib.parse.urlencode(fields))
            answer = conn.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            conn.close()

    def sent_in_log(self):
        """Lines of bearerbox's access log that say a text went to the message centre: (account, to, from)."""
        if not self.access_log.exists():
            return []
        pattern = re.compile(r" Sent SMS .*?\[ACT:(.*?)\].*?\[from:(.*?)\] \[to:(.*?)\]")
        return [(m.group(1), m.group(3), m.group(2))
                for m in pattern.finditer(self.access_log.read_text(errors="replace"))]
