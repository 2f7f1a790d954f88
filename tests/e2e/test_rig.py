"""The rig itself: what the other tests stand on does what it claims, with a real bearerbox and smsbox."""

import http.client
import threading
import time
from urllib.parse import unquote_to_bytes

import pytest

from rig import (CLOSE, CUT, GARBLE, REFUSE, SWALLOW, CloseOnSecond, FakeSendsms, Kannel, Proc, Smsc, SwallowProxy,
                 wait_until)

HANDSET = "+351911111111"


@pytest.fixture(scope="module")
def kannel(module_folder, smsc, sink):
    boxes = Kannel(module_folder / "kannel", smsc,
                   inbound_url=sink.url_of("/mo?text=%b&coding=%c&charset=%C&id=%I&from=%q&to=%Q")).start()
    yield boxes
    boxes.stop()


def dlr_url(sink, name):
    return sink.url_of(f"/dlr?name={name}&kind=%d&event=%I&words=%A")


def reports(sink, name):
    return [r for r in sink.requests if r.path == "/dlr" and r.query["name"] == name]


def kinds(sink, name):
    return [r.query["kind"] for r in reports(sink, name)]


def test_a_text_arrives_and_its_reports_come_back(kannel, smsc, sink):
    assert kannel.sendsms(HANDSET, "Hi é € there", account="a1", **{
        "dlr-mask": 31, "dlr-url": dlr_url(sink, "one")}) == (202, "0: Accepted for delivery")
    (text,) = smsc.wait_texts(1, text="Hi é € there")
    assert (text["destination"], text["source"], text["data_coding"]) == (HANDSET[1:], "12345", 0)
    wait_until(lambda: sorted(kinds(sink, "one")) == ["1", "8"], lambda: f"reports 8 and 1: {sink.requests}")
    assert len({r.query["event"] for r in reports(sink, "one")}) == 2
    assert ("a1", HANDSET, "12345") in kannel.sent_in_log()


def test_long_texts_are_put_together(kannel, smsc):
    gsm, ucs2 = "0123456789" * 16 + "€", "Добрый день! 😀 " * 12
    kannel.sendsms(HANDSET, gsm)
    (text,) = smsc.wait_texts(1, text=gsm)
    assert (text["parts"], text["data_coding"], len(text["ids"])) == (2, 0, 2)
    kannel.sendsms(HANDSET, ucs2, coding=2, charset="UTF-8")
    (text,) = smsc.wait_texts(1, text=ucs2)
    assert (text["parts"], text["data_coding"]) == (3, 8)
    parts = [e["part"] for e in smsc.events("submit") if e["id"] in text["ids"]]
    assert [(p["number"], p["total"]) for p in parts] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("text", ["STOP", "Olá, às 18h? €5 \\ [ok]", "Привет, это ответ", "long " * 60, "длинный " * 30])
def test_inbound_texts_reach_the_sink_whole(smsc, kannel, sink, text):
    sink.requests.clear()
    smsc.inbound(HANDSET, "12345", text)
    (request,) = sink.wait_requests(1)
    charset = request.query["charset"]
    raw = raw_parameter(request.target, "text")
    assert raw.decode(charset) == text
    assert request.query["from"].lstrip("+") == HANDSET[1:]


def raw_parameter(target, name):
    for pair in target.partition("?")[2].split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return unquote_to_bytes(value.replace("+", " "))
    raise AssertionError(f"no {name} in {target}")


@pytest.mark.parametrize("stat,kind", [("UNDELIV", "2"), ("EXPIRED", "34"), ("REJECTD", "2"), ("ACCEPTD", "4")])
def test_the_centre_reports_what_it_is_told(kannel, smsc, sink, stat, kind):
    smsc.behave(dlr_stat=stat)
    kannel.sendsms(HANDSET, f"to be {stat}", **{"dlr-mask": 31, "dlr-url": dlr_url(sink, stat)})
    wait_until(lambda: sorted(kinds(sink, stat)) == sorted(["8", kind]), lambda: f"8 and {kind}: {kinds(sink, stat)}")


def test_the_centre_reports_in_steps_twice_or_not_at_all(kannel, smsc, sink):
    smsc.behave(dlr="none")
    kannel.sendsms(HANDSET, "no report", **{"dlr-mask": 31, "dlr-url": dlr_url(sink, "none")})
    smsc.behave(dlr=None, dlr_stat=["ENROUTE", "DELIVRD"], duplicate_dlr=1)
    kannel.sendsms(HANDSET, "in steps", **{"dlr-mask": 31, "dlr-url": dlr_url(sink, "steps")})
    wait_until(lambda: "1" in kinds(sink, "steps"), lambda: f"a final report: {kinds(sink, 'steps')}")
    sent = [e["stat"] for e in smsc.events("report") if e["id"] == smsc.texts(text="in steps")[0]["ids"][0]]
    wait_until(lambda: smsc.stats()["undelivered"] == 0, "all reports taken")
    assert sent[:2] == ["ENROUTE", "ENROUTE"]
    assert kinds(sink, "none") == ["8"]


def test_a_throttled_text_comes_once_in_the_end(kannel, smsc):
    smsc.behave(throttle_next=2)
    kannel.sendsms(HANDSET, "throttled twice")
    smsc.wait_texts(1, text="throttled twice")
    answers = [e["answer"] for e in smsc.events("submit", text="throttled twice")]
    assert answers == ["throttled", "throttled", "accepted"]


def test_a_rejected_number_is_reported(kannel, smsc, sink):
    smsc.behave(reject_destination="99$")
    kannel.sendsms("+351911111199", "to a bad number", **{"dlr-mask": 31, "dlr-url": dlr_url(sink, "bad")})
    wait_until(lambda: kinds(sink, "bad") == ["16"], lambda: f"a report 16: {kinds(sink, 'bad')}")
    assert smsc.texts(text="to a bad number") == []


def test_kannel_holds_texts_while_the_centre_is_gone(kannel, smsc):
    smsc.behave(refuse_bind=True)
    assert smsc.disconnect() == 1
    wait_until(lambda: not kannel.online(), "the link to be down")
    assert kannel.sendsms(HANDSET, "while away") == (202, "3: Queued for later delivery")
    smsc.behave(refuse_bind=None)
    smsc.wait_texts(1, text="while away")
    kannel.wait_online()


def test_bearerbox_can_be_frozen(kannel, smsc):
    kannel.bearerbox.freeze()
    got = []
    caller = threading.Thread(target=lambda: got.append(kannel.sendsms(HANDSET, "frozen")))
    caller.start()
    with pytest.raises(TimeoutError):
        kannel.sendsms(HANDSET, "given up", timeout_s=0.5)
    assert not got
    kannel.bearerbox.thaw()
    caller.join(20)
    assert got == [(202, "0: Accepted for delivery")]
    smsc.wait_texts(1, text="given up")


def test_boxes_can_be_stopped_killed_and_restarted(kannel, smsc):
    pid = kannel.smsbox.pid
    kannel.crash_bearerbox()
    kannel.return_smsbox()
    assert kannel.smsbox.pid != pid, "smsbox is back, as a new process"
    kannel.wait_online()
    kannel.bearerbox.stop()
    assert kannel.smsbox.wait() is not None, "bearerbox takes smsbox along when it stops"
    kannel.restart()
    kannel.sendsms(HANDSET, "after it all")
    smsc.wait_texts(1, text="after it all")


def test_a_full_queue_answers_503(module_folder, smsc, stopping):
    kannel = stopping(Kannel(module_folder / "full", smsc, queue_limit=2).start())
    smsc.behave(refuse_bind=True)
    smsc.disconnect()
    wait_until(lambda: not kannel.online(), "the link to be down")
    answers = [kannel.sendsms(HANDSET, f"full {n}") for n in range(6)]
    assert answers[0] == (202, "3: Queued for later delivery")
    assert answers[-1] == (503, "Temporal failure, try again later.")


def test_the_proxy_swallows_cuts_garbles_and_delays(kannel, smsc, stopping):
    proxy = stopping(SwallowProxy(kannel.sendsms_port))
    assert kannel.sendsms(HANDSET, "through", url=proxy.url)[0] == 202
    proxy.next(SWALLOW, CLOSE, CUT, GARBLE, REFUSE)
    with pytest.raises(TimeoutError):
        kannel.sendsms(HANDSET, "swallowed", url=proxy.url, timeout_s=1)
    with pytest.raises(http.client.RemoteDisconnected):
        kannel.sendsms(HANDSET, "closed", url=proxy.url)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        kannel.sendsms(HANDSET, "cut", url=proxy.url)
    with pytest.raises(http.client.BadStatusLine):
        kannel.sendsms(HANDSET, "garbled", url=proxy.url)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        kannel.sendsms(HANDSET, "refused", url=proxy.url)
    for text in ("through", "swallowed", "closed", "cut", "garbled"):
        assert len(smsc.wait_texts(1, text=text)) == 1
    assert smsc.texts(text="refused") == []
    assert len(proxy.requests) == 6 and len(proxy.passed) == 5
    proxy.delay_s = 0.5
    begun = time.monotonic()
    assert kannel.sendsms(HANDSET, "late", url=proxy.url)[0] == 202
    assert time.monotonic() - begun >= 0.5


def test_the_second_request_of_a_connection_is_read_and_dropped(stopping):
    server = stopping(CloseOnSecond())
    conn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    conn.request("GET", "/cgi-bin/sendsms?text=1")
    first = conn.getresponse()
    assert (first.status, first.read()) == (202, b"0: Accepted for delivery")
    conn.request("GET", "/cgi-bin/sendsms?text=2")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        conn.getresponse()
    conn.close()
    assert [r.query["text"] for r in server.requests] == ["1", "2"]
    assert [r.query["text"] for r in server.answered] == ["1"]


def test_the_fake_sendsms_answers_by_script(kannel, stopping):
    fake = stopping(FakeSendsms())
    fake.answers((503, "Temporal failure, try again later."), b"rubbish\r\n\r\n", None)
    assert kannel.sendsms(HANDSET, "a", url=fake.url) == (503, "Temporal failure, try again later.")
    with pytest.raises(http.client.BadStatusLine):
        kannel.sendsms(HANDSET, "b", url=fake.url)
    with pytest.raises(TimeoutError):
        kannel.sendsms(HANDSET, "c", url=fake.url, timeout_s=0.5)
    assert kannel.sendsms(HANDSET, "d", url=fake.url) == FakeSendsms.ACCEPTED
    assert [r.query["text"] for r in fake.requests] == ["a", "b", "c", "d"]


def test_the_centre_keeps_what_was_not_acknowledged(module_folder, stopping, sink):
    """Inbound while nobody is bound waits for the next bind; a killed centre comes back on its ports."""
    smsc = stopping(Smsc(module_folder / "smsc2").start())
    sink.requests.clear()
    smsc.inbound(HANDSET, "777", "nobody there yet")
    stopping(Kannel(module_folder / "late", smsc, inbound_url=sink.url_of("/late?text=%a")).start())
    assert [r.query["text"] for r in sink.wait_requests(1)] == ["nobody there yet"]
    smsc.kill()
    smsc.start()
    smsc.wait_bound()
    assert [e["type"] for e in smsc.events("start")] == ["start", "start"]


def test_a_process_ends_with_its_test(tmp_path):
    proc = Proc("sleeper", ["sleep", "1000"], tmp_path / "log")
    proc.freeze()
    assert proc.alive()
    assert proc.stop() == -15
    with pytest.raises(AssertionError, match="waited 0.1 s for rain"):
        wait_until(lambda: False, "rain", 0.1)
