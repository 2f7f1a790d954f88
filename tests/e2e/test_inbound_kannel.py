"""What telephones write, through a real message centre, bearerbox and smsbox: every alphabet, long texts, both kinds of service."""

import itertools

import pytest

from rig import Desk, Handbox, Kannel, Smsc, wait_until
from rig.kannel import group

COUNT = itertools.count(1)
LONG = "Olá, isto é um texto comprido com € e [parênteses], " * 8


class Side:
    """A daemon behind a Kannel of its own, and what came to it from one telephone."""

    def __init__(self, folder, post_url=False, **kannel):
        self.smsc = Smsc(folder / "smsc").start()
        self.hb = Handbox(folder / "hb")
        url = self.hb.inbound_url
        groups = group("sms-service", keyword="default", catch_all=True, max_messages=0,
                       post_url=url.replace("text=%b&", "")) if post_url else ""
        self.kannel = Kannel(folder / "kannel", self.smsc, inbound_url=None if post_url else url, groups=groups, **kannel).start()
        self.hb.write_conf(kannel_conf=self.kannel.conf, default_region="PT")
        self.hb.start()
        self.desk = Desk(self.hb)

    def stop(self):
        self.desk.close()
        self.hb.stop()
        self.kannel.stop()
        self.smsc.stop()

    def sender(self):
        return f"+35191300{next(COUNT):04}"

    def texts(self, sender, count=1):
        """The texts of that telephone, oldest first, once there are so many."""
        def there():
            found = [m for m in self.desk.shell.items("/messages", limit=500) if m["from"] == sender]
            return list(reversed(found)) if len(found) >= count else None
        return wait_until(there, lambda: f"{count} texts from {sender}; log: {self.kannel.smsbox.tail()}", 20)


@pytest.fixture(scope="module", params=["get-url", "post-url"])
def side(request, module_folder):
    made = Side(module_folder / request.param, post_url=request.param == "post-url")
    yield made
    made.stop()


@pytest.fixture(params=["get-url", "post-url"])
def unjoined(request, module_folder):
    """A Kannel that hands each part of a long text on as it comes."""
    made = Side(module_folder / f"u-{request.param}", post_url=request.param == "post-url",
                core={"sms_combine_concatenated_mo": False})
    yield made
    made.stop()


@pytest.mark.parametrize("text, coding", [
    ("Hello, 100% & more + [a] ^ {b} \\ ~ | €5?", 0),
    ("Olá às 9: ÀÉÑ 😀 Привет", 8),
    ("日本語のテスト", 8),
    (LONG, None),
    ("Привет, " * 40, 8),
    (" leading and trailing ", 0),
])
def test_texts(side, text, coding):
    smsc, sender = side.smsc, side.sender()
    smsc.inbound(sender, "12345", text, coding)
    (message,) = side.texts(sender)
    assert message["text"] == text and message["to"] == "12345" and message["detail"] is None
    assert len(side.desk.shell.items("/contacts", phone=sender)) == 1


@pytest.mark.parametrize("octets, coding, seen", [
    ("été à Zürich".encode("latin-1"), 3, "été à Zürich"),
    (bytes([0x1B, 0x65, 0x20, 0x41]), 0, "€ A"),
    (b"\x00\x01\xfe\xff\x00", 4, "[binary message, 5 bytes]"),
    (b"", 0, ""),
])
def test_octets(side, octets, coding, seen):
    sender = side.sender()
    side.smsc.inbound_octets(sender, "12345", octets, coding)
    (message,) = side.texts(sender)
    assert message["text"] == seen
    assert message["detail"] == ("binary" if coding == 4 else None)


def test_stop_through_kannel_and_no_text_goes_back(side):
    smsc, sender = side.smsc, side.sender()
    before = len(smsc.texts())
    smsc.inbound(sender, "12345", "¡STOP! Gracias.")
    (message,) = side.texts(sender)
    assert message["consent"] == "stop"
    assert side.desk.shell.get(f"/contacts/{message['contact']['id']}").expect(200)["opted_out"]
    smsc.inbound(sender, "12345", "HELP")
    side.texts(sender, 2)
    assert [task["origin"] for task in side.desk.shell.items("/tasks", contact=message["contact"]["id"])] == ["inbound"]
    smsc.wait_quiet()
    assert len(smsc.texts()) == before, "handbox never texts back"


def test_a_national_number_is_the_same_contact(side):
    smsc, sender = side.smsc, side.sender()
    smsc.inbound(sender, "12345", "with country")
    side.texts(sender)
    smsc.inbound(sender.removeprefix("+351"), "12345", "without")
    assert [m["text"] for m in side.texts(sender, 2)] == ["with country", "without"]
    assert len(side.desk.shell.items("/contacts", phone=sender)) == 1


def test_parts_that_kannel_does_not_join(unjoined):
    smsc = unjoined.smsc
    for text, coding in ((LONG, None), ("Привет 😀 " * 30, 8)):
        sender = unjoined.sender()
        assert smsc.inbound(sender, "12345", text, coding) > 1
        assert [m["text"] for m in unjoined.texts(sender)] == [text]
    # out of order, cut through a character, with a reference of two bytes
    sender, whole = unjoined.sender(), "ab😀cd".encode("utf-16-be")
    for number, piece in ((3, whole[6:]), (1, whole[:4]), (2, whole[4:6])):
        smsc.inbound_octets(sender, "12345", bytes([6, 8, 4, 0x12, 0x34, 3, number]) + piece, 8, 0x40)
    assert [m["text"] for m in unjoined.texts(sender)] == ["ab😀cd"]
