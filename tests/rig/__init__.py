"""rig - the real things around handbox, started and stopped by tests.

    from rig import Handbox, Kannel, Smsc

    smsc = Smsc(folder / "smsc").start()
    kannel = Kannel(folder / "kannel", smsc=smsc, inbound_url=...).start()

All sockets are on 127.0.0.1, all ports are free ones, all files lie in the folder given. Whatever is started is ended by its
pid: by stop(), when the interpreter leaves, or by the kernel when the interpreter is killed. Nothing else is ever signalled.
Waiting is for conditions (wait_until), never for time to pass.
Only Python's standard library is used, but for rig.mail (python3-aiosmtpd): Debian's /usr/bin/python3 runs it.
"""

from .case import Case
from .client import Answer, Client
from .desk import Desk
from .handbox import Handbox
from .hooks import Receiver
from .kannel import Kannel
from .proc import Proc, free_port, stop_all, wait_until
from .servers import CLOSE, CUT, GARBLE, PASS, REFUSE, SWALLOW
from .servers import CloseOnSecond, FakeSendsms, Sink, SwallowProxy
from .shell import Shell
from .smsc import Smsc

__all__ = [
    "CLOSE", "CUT", "GARBLE", "PASS", "REFUSE", "SWALLOW",
    "Answer", "Case", "Client", "CloseOnSecond", "Desk", "FakeSendsms", "Handbox", "Kannel", "Proc", "Receiver", "Shell", "Sink",
    "Smsc", "SwallowProxy", "free_port", "stop_all", "wait_until",
]
