"""Bytes on a real socket: the server answers, or closes, and is still there for the next one."""

from __future__ import annotations

from tests.fuzz.wire import REQUESTS, Wire, run
from tests.stack import Stack


def test_no_bytes_on_a_socket_bring_an_error_of_ours_and_stalled_uploads_hold_up_nobody(stack: Stack) -> None:
    facts = run(stack.url, n=3 * len(REQUESTS), seed=1)
    assert facts["failed"] == []
    assert float(str(facts["slowest_page_beside_stalled_uploads"])) < 2
    assert Wire(stack.url).answers() < 2


def test_a_type_that_django_can_not_parse_is_refused_by_the_server_as_a_page(stack: Stack) -> None:
    assert Wire(stack.url).send(REQUESTS["odd type"]) in {0, 400}
    assert Wire(stack.url).send(REQUESTS["type and query"]) in {200, 400}


def test_the_logs_of_the_running_app_name_nobody(stack: Stack) -> None:
    """What all tests did with the demo's people up to now left no name, number or address in its output."""
    said = stack.said()
    for word in ("Torres", "Okafor", "Whitlow", "CS-10", "+1212555", "555-01", "/b/", "sid=", "DETAIL", "Traceback"):
        assert word not in said
