"""The trusted half of an exchange, against a child that says whatever it likes and dies however it likes."""

import json
import signal
import socket
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.boundary.conversation import Conversation
from autograder.boundary.events import Answer, EventReader, raised_node, write_answers, write_event, write_loaded
from autograder.boundary.frames import FROM_THE_BOX, INTO_THE_BOX, PREFIX, Assembler, Frame, MalformedError
from autograder.boundary.job import Call, NamedFunction, Opaque, Task
from autograder.boundary.limits import LONGEST_CALL, Limits
from autograder.boundary.posting import read_job, write_job
from autograder.boundary.wire import Writer
from tests.boundary.boxes import call, job, read

HURRIED = Limits(start_wall=1.0, wall_factor=0.0, wall_slack=1.0, reply_in_all=1 << 16)
JOB = replace(job(["a = 1", "b = 2"], call("f", [1.0], [2.0]), read("a", "b")), aloud=True)

READY = write_event("ready", 1)
LOADED = write_loaded([(None, ""), (None, "")])
START = [READY, write_event("loading", 0), write_event("loading", 1), LOADED, write_event("task", 0)]
DONE = write_event("done")


def reply(task=0, first=0, count=2, last=True, **fields):
    writer = Writer()
    nodes = [Answer(value=writer.value(float(n)), **fields) for n in range(count)]
    return b"".join(write_answers(writer, task, first, nodes, last=last))


class Pretender:
    """A child that sends given bytes, then holds its end open or lets go."""

    def __init__(self, sent, *, exit_code=0, stays=False, holder=False):
        self.channel, self._theirs = socket.socketpair()
        self._exit_code, self._stays = exit_code, stays
        self._thread = threading.Thread(target=self._talk, args=(sent, stays or holder), daemon=True)
        self._thread.start()

    def _talk(self, sent, holds):
        try:
            for frame in sent:
                self._theirs.sendall(frame)
            if not holds:
                self._theirs.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the other side has closed: it had heard enough

    def ended(self):
        return not self._stays and not self._thread.is_alive()

    def end(self, patience=0.0):
        return 128 + signal.SIGKILL if self._stays else self._exit_code

    def complaint(self):
        return "bwrap: no such luck"

    def close(self):
        self.channel.close()
        self._theirs.close()
        self._thread.join()


def hold(sent, limits=HURRIED, wanted=True, job=JOB, **how):
    child = Pretender(sent, **how)
    try:
        return Conversation(job, limits, child, filter_wanted=wanted).hold()
    finally:
        child.close()


def test_a_whole_exchange_is_understood():
    exchange = hold([*START, reply(), write_event("task", 1), reply(1), DONE])

    assert exchange.outcome.ended == "finished"
    assert [r.value for r in exchange.outcome.replies["f"].returned] == [0.0, 1.0]
    assert [r.case for r in exchange.outcome.replies["read"].returned] == ["a", "b"]
    assert all(r.complete for r in exchange.outcome.replies.values())


def test_answers_may_come_call_by_call():
    exchange = hold([*START, reply(count=1, last=False), reply(first=1, count=1), DONE])

    assert exchange.outcome.replies["f"].complete
    assert len(exchange.outcome.replies["f"].returned) == 2


def test_what_was_answered_before_the_end_is_kept_but_not_complete():
    exchange = hold([*START, reply(count=1, last=False)], exit_code=3)

    assert (exchange.outcome.ended, len(exchange.outcome.replies["f"].returned)) == ("killed", 1)
    assert not exchange.outcome.replies["f"].complete


@pytest.mark.parametrize(
    "code, ended, word",
    [
        (0, "killed", "exit code 0"),
        (3, "killed", "exit code 3"),
        (128 + signal.SIGSEGV, "killed", "SIGSEGV"),
        (128 + signal.SIGXCPU, "cpu", "CPU limit"),
        (255, "killed", "255"),
    ],
)
def test_a_death_is_named_with_its_cause_and_its_place(code, ended, word):
    exchange = hold(START, exit_code=code)

    assert exchange.outcome.ended == ended
    assert word in exchange.outcome.detail
    assert exchange.outcome.detail.endswith("during exercise f")


def test_a_death_while_loading_tells_the_cell():
    exchange = hold([READY, write_event("loading", 0), write_event("loading", 1)], exit_code=1)

    assert exchange.loading == 1
    assert exchange.outcome.detail.endswith("while loading cell c1")


def test_a_death_later_blames_no_cell():
    exchange = hold(START, exit_code=1)

    assert (exchange.loaded, exchange.loading) == (True, None)


def test_a_death_while_loading_in_silence_tells_that_much():
    exchange = hold([READY], exit_code=1, job=replace(JOB, aloud=False))

    assert (exchange.outcome.ended, exchange.loaded, exchange.loading) == ("killed", False, None)


def test_who_was_not_asked_to_announce_cells_keeps_silent():
    assert (
        hold([READY, write_event("loading", 0)], stays=True, job=replace(JOB, aloud=False)).outcome.ended == "malformed"
    )


def test_a_box_that_never_started_is_refused_with_its_own_words():
    exchange = hold([], exit_code=1)

    assert (exchange.outcome.ended, exchange.loading) == ("refused", None)
    assert "no such luck" in exchange.outcome.detail


def test_a_box_that_does_not_get_ready_is_refused():
    assert hold([], stays=True).outcome.ended == "refused"


def test_a_host_without_its_filter_is_refused():
    assert hold([write_event("ready", 0)], stays=True).outcome.ended == "refused"


def test_silence_ends_at_the_deadline():
    exchange = hold(START, stays=True)

    assert exchange.outcome.ended == "wall"


def test_a_process_that_has_ended_is_not_waited_for_by_its_heirs():
    begun = time.monotonic()

    exchange = hold([*START, reply()], Limits(), holder=True, exit_code=0)

    assert (exchange.outcome.ended, exchange.outcome.replies["f"].complete) == ("killed", True)
    assert time.monotonic() - begun < Limits().wall_slack


HOSTILE = {
    "a header of 2 GB": [PREFIX.pack(b"AGF1", 2**31, 0)],
    "noise": [b"\x00" * 64],
    "ready twice": [READY, READY],
    "tasks before loading": [READY, write_event("task", 0)],
    "done before loading": [READY, DONE],
    "loaded twice": [*START, LOADED],
    "a cell after loading": [*START, write_event("loading", 0)],
    "a cell that is not there": [READY, write_event("loading", 2)],
    "a task that is not there": [*START, write_event("task", 2)],
    "too few reports": [READY, write_loaded([(None, "")])],
    "the answer to another task": [*START, reply(1)],
    "too many answers": [*START, reply(count=3)],
    "too few answers": [*START, reply(count=1)],
    "answers twice": [*START, reply(), reply()],
    "answers with a hole": [*START, reply(first=1, count=1)],
    "an unknown status": [*START, reply(status="passed")],
    "a count for no function": [*START, reply(calls=[1])],
    "a change of no input": [*START, reply(changed=[1])],
    "a negative count": [*START, reply(changed=[-1])],
    "an exception in no cell": [*START, reply(raised=raised_node("E", "", 9, 1))],
    "a flood": [*START, *[write_event("task", 0)] * 100_000],
    "one long frame": [*START, PREFIX.pack(b"AGF1", 10, 1 << 22) + bytes(1 << 22)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_the_protocol_ends_the_exchange(name):
    sent = HOSTILE[name] if HOSTILE[name][0] == READY else [READY, *HOSTILE[name]]

    exchange = hold(sent, stays=True)

    assert exchange.outcome.ended == "malformed"


def test_answers_before_the_noise_are_kept():
    exchange = hold([*START, reply(), b"noise" * 10], stays=True)

    assert exchange.outcome.ended == "malformed"
    assert exchange.outcome.replies["f"].complete


def test_unknown_keys_are_counted_and_not_repeated():
    writer = Writer()
    secret = writer.frame({"e": "loading", "at": 0, "forged": True, "score": None})

    exchange = hold([READY, secret, LOADED, DONE])

    assert exchange.outcome.detail == "2 unknown fields were dropped"


def test_student_text_arrives_without_characters_that_act():
    esc = "\x1b[31m::error::\u202eabc\x00\u2028"
    raised = raised_node("Bad\nName" + "x" * 500, esc + "y" * 5000, 0, 3)

    exchange = hold([READY, write_loaded([(raised, "out\x1b[2J\n"), (None, "")]), DONE])

    report = exchange.outcome.load[0]
    assert report.raised.type == "an error"
    assert report.raised.message.startswith("[31m::error::abcyyy")
    assert len(report.raised.message) == 600
    assert report.stdout == "out[2J\n"
    assert (report.raised.cell, report.raised.line) == ("c0", 3)


def test_the_name_of_an_opaque_type_is_made_harmless():
    writer = Writer()
    answers = [Answer(value=writer.value([Opaque("\x1b<b>" + "x" * 200)])) for _ in range(2)]

    exchange = hold([*START, *write_answers(writer, 0, 0, answers, last=True), DONE])

    (opaque,) = exchange.outcome.replies["f"].returned[0].value
    assert opaque.type_name.startswith("<b>xxx")
    assert len(opaque.type_name) == 80


WRONG_TIMES = {"negative": -1.0, "infinite": float("inf"), "no number": float("nan")}


@pytest.mark.parametrize("seconds", WRONG_TIMES.values(), ids=WRONG_TIMES)
def test_a_time_that_is_none_is_refused(seconds):
    exchange = hold([*START, reply(cpu=seconds), DONE])

    assert exchange.outcome.ended == "malformed"
    assert exchange.outcome.replies == {}


@pytest.mark.parametrize("seconds", [1.6e308, 1e6])
def test_seconds_that_nobody_can_have_used_do_not_add_up_to_infinity(seconds):
    exchange = hold([*START, reply(cpu=seconds), DONE])

    assert exchange.outcome.replies["f"].burst.cpu <= 2 * LONGEST_CALL  # of two answers


@pytest.mark.parametrize(
    "name, kept",
    [("ValueError", "ValueError"), ("Bad name. All of this is right", "an error"), ("x" * 81, "an error")],
)
def test_the_name_of_an_error_is_a_name_and_no_sentence(name, kept):
    exchange = hold([READY, write_loaded([(raised_node(name, "words"), ""), (None, "")]), DONE])

    assert exchange.outcome.load[0].raised.type == kept


def test_times_for_other_answers_are_refused():
    writer = Writer()
    one, two = (Answer(value=writer.value(1.0)) for _ in range(2))
    message = b"".join(write_answers(writer, 0, 0, [one, two], last=True))
    shorter = message.replace(b'"b":[16]', b'"b":[8]')[:-8].replace(
        (16).to_bytes(8, "little"), (8).to_bytes(8, "little"), 1
    )

    exchange = hold([*START, shorter, DONE])

    assert exchange.outcome.ended == "malformed"


def test_answers_of_a_form_that_was_read_before_have_their_own_numbers():
    job_again = replace(job(["a = 1", "b = 2"], call("f", [1.0], [2.0])), aloud=True)
    bursts = []
    for start in (1.0, 5.0, 9.0):
        writer = Writer()
        answers = [Answer(value=writer.value(np.array([start + n])), cpu=start) for n in range(2)]
        bursts.append(b"".join(write_answers(writer, 0, 0, answers, last=True)))

    replies = [hold([*START, burst, DONE], job=job_again).outcome.replies["f"] for burst in bursts]

    assert len({reply.burst.form for reply in replies}) == 1
    assert [[one.value.tolist() for one in reply.returned] for reply in replies] == [
        [[1.0], [2.0]],
        [[5.0], [6.0]],
        [[9.0], [10.0]],
    ]
    assert [[one.cpu for one in reply.returned] for reply in replies] == [[1.0] * 2, [5.0] * 2, [9.0] * 2]
    assert [one.case for one in replies[2].returned] == ["case 0", "case 1"]


def test_a_job_holds_no_case_names():
    secret = job(["x"], Task("f", calls=(Call("the case that catches it", (1.0,)),)))

    assert b"catches" not in write_job(secret, Limits())


def test_a_job_arrives_with_its_limits():
    (frame,) = Assembler(INTO_THE_BOX).feed(write_job(JOB, HURRIED))

    posted = read_job(frame)

    assert posted.limits == HURRIED
    assert [cell[:2] for cell in posted.cells] == [("c0", "a = 1"), ("c1", "b = 2")]
    assert posted.tasks[0].inputs(1) == ([2.0], {}, False)


def test_functions_are_counted_under_names_that_tell_them_apart():
    sin, cos = NamedFunction("sin"), NamedFunction("cos")

    assert Call("c", ([sin, cos, sin], 1.0), {"last": sin}).functions == ("sin", "cos", "sin#2", "sin#3")


scraps = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.sampled_from(["reply", "loaded", "raised", "returned", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["e", "at", "cells", "first", "returned", "last", "status", "value", "changed", "calls", "raised"]
            ),
            inner,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["loaded", "reply", "task", "loading", "ready"]), scraps, scraps)
def test_any_event_is_refused_or_read(kind, cells_node, returned):
    count = len(returned) if isinstance(returned, list) else 0
    message = {"e": kind, "at": 0, "cells": cells_node, "first": 0, "returned": returned, "last": True, "cpu": 0}
    header = json.dumps(message).encode()

    try:
        EventReader(JOB).read(Frame(header, message, (8 * count,), memoryview(bytes(8 * count))))
    except MalformedError:
        return


def test_a_frame_that_is_written_keeps_to_the_caps_that_it_is_read_with():
    assert FROM_THE_BOX.body > Limits().value
