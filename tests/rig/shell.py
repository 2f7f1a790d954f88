"""The API as the shell has it: over the unix socket beside the database, without a credential."""

import http.client
import socket

from .client import Client


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout_s):
        super().__init__("localhost", timeout=timeout_s)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Shell(Client):
    """shell = Shell(hb.database); shell.post("/users", {"login": "ana", "role": "agent"}).expect(201)"""

    def __init__(self, database, **options):
        super().__init__("localhost", 0, **options)
        self.path = f"{database}.sock"

    def _connect(self):
        if self.conn and self.conn.sock and self._dead():
            self.close()
        if not self.conn:
            self.conn = _UnixConnection(self.path, self.timeout_s)
