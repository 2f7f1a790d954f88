"""The daemon under test and its command line."""

import http.client
import os
import re
import subprocess

from .client import Client
from .kannel import PASSWORD, USER, group
from .proc import ROOT, Proc, free_port, wait_until
from .shell import Shell

CALLBACK_SECRET = "rig-callback-secret"
SANITIZER = re.compile(r"(ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:).*")


def build_dir():
    """Where the daemon was built: HANDBOX_BUILD, else build/ in the tree."""
    return os.environ.get("HANDBOX_BUILD", str(ROOT / "build"))


class Handbox:
    """hb = Handbox(folder, sendsms_url=kannel.sendsms_url); hb.start(); hb.cli("user", "list").stdout

    conf gives or overrides keys of `group = handbox` (underscores for dashes, None leaves a key out), groups is text pasted
    at the end. The callback secret is set, so that a Kannel can be configured before the daemon has run.
    """

    def __init__(self, folder, sendsms_url=None, conf=None, groups="", build=None):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.binary = os.path.join(build or build_dir(), "handbox")
        self.conf = folder / "handbox.conf"
        self.log = folder / "handbox.log"
        self.port, self.kannel_port = free_port(), free_port()
        self.keys = {
            "listen": f"127.0.0.1:{self.port}", "kannel_listen": f"127.0.0.1:{self.kannel_port}",
            "database": folder / "db" / "handbox.db", "kannel_secret": CALLBACK_SECRET,
            "sendsms_url": sendsms_url, "sendsms_username": sendsms_url and USER,
            "sendsms_password": sendsms_url and PASSWORD, "sender": "12345", "default_region": "PT",
            "sendsms_rate": "none", "log_level": "debug", **(conf or {}),
        }
        self.groups = groups
        self.env = {}
        self.proc = None
        self.write_conf()
        self.database.parent.mkdir(mode=0o700, exist_ok=True)

    def write_conf(self, **changes):
        self.keys.update(changes)
        self.conf.write_text(group("handbox", **self.keys) + "\n" + self.groups)

    @property
    def database(self):
        return self.keys["database"]

    @property
    def inbound_url(self):
        """What an sms-service of Kannel calls."""
        return (f"http://127.0.0.1:{self.kannel_port}/kannel/inbound/{CALLBACK_SECRET}"
                "?text=%b&coding=%c&charset=%C&id=%I&from=%q&to=%Q&smsc=%i&at=%T&udh=%u")

    # ---- the daemon

    def start(self, timeout_s=30.0):
        """Start and wait for /readyz."""
        self.launch()
        self.wait_ready(timeout_s)
        return self

    def launch(self):
        """Start without waiting."""
        self.proc = Proc("handbox", [self.binary, "serve", "-c", self.conf], self.log, env=self.env)
        return self.proc

    def wait_ready(self, timeout_s=30.0):
        wait_until(lambda: self.ready() or not self.proc.alive(), "handbox to be ready", timeout_s, 0.01)
        if not self.proc.alive():
            raise AssertionError(f"handbox ended with {self.proc.returncode}: {self.proc.tail()}")

    def ready(self):
        return self.plain("/readyz")[0] == 200

    def plain(self, path, kannel_side=False, timeout_s=5.0):
        """A GET without API conventions: (status, body), (0, why) when nothing answers."""
        conn = http.client.HTTPConnection("127.0.0.1", self.kannel_port if kannel_side else self.port, timeout=timeout_s)
        try:
            conn.request("GET", path)
            answer = conn.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            conn.close()

    def kill(self):
        """kill -9."""
        self.proc.kill()

    def stop(self, timeout_s=30.0):
        """SIGTERM; it must leave with 0 and without a word of a sanitizer."""
        if self.proc and self.proc.alive():
            code = self.proc.stop(timeout_s)
            assert code == 0, f"handbox left with {code}: {self.proc.tail()}"
        self.check_sane()

    def restart(self):
        self.stop()
        return self.start()

    def check_sane(self):
        """No sanitizer has reported anything, so far."""
        if self.log.exists():
            text = self.log.read_text(errors="replace")
            found = SANITIZER.search(text)
            assert not found, text[found.start():found.start() + 4000]

    # ---- the shell

    def cli(self, *args, token=None, stdin=None, expect=0, timeout_s=60.0):
        """handbox ARGS -c CONF, with this personal token; the finished process (stdout and stderr are text).

        expect: the exit code that must come, None for any.
        """
        env = {**os.environ, **self.env, **({"HANDBOX_TOKEN": token} if token else {})}
        done = subprocess.run(
            [self.binary, *map(str, args), "-c", str(self.conf)], input=stdin if stdin is not None else "",
            capture_output=True, text=True, timeout=timeout_s, env=env, check=False)
        said = f"handbox {' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        assert expect is None or done.returncode == expect, said
        assert not SANITIZER.search(done.stderr), said
        return done

    def shell(self):
        """The API as the shell has it: users and tokens are made with it."""
        return Shell(self.database)

    def user(self, login, role="agent", scopes="read,contacts,workflows,enroll,tasks,send"):
        """A new user with a personal token; the token."""
        self.shell().post("/users", {"login": login, "first_name": login.capitalize(), "role": role,
                                     "password": "correct horse battery"}).expect(201)
        return self.token(login, scopes)

    def token(self, login, scopes="read,contacts,workflows,enroll,tasks,send"):
        return self.shell().post("/tokens", {"kind": "personal", "name": f"{login}-rig", "user": login,
                                             "scopes": scopes.split(",")}).expect(201)["secret"]

    def service(self, scopes="read,contacts,workflows,enroll,tasks", name="rig"):
        """A service token."""
        return self.shell().post("/tokens", {"kind": "service", "name": name,
                                             "scopes": scopes.split(",")}).expect(201)["secret"]

    def client(self, token=None, **options):
        return Client("127.0.0.1", self.port, token, **options)
