"""No request that anybody can send makes the app stumble: a share of `python -m tests.fuzz` in every run."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.run import Fuzz

N = int(os.environ.get("FUZZ_N", "1200"))


@pytest.mark.django_db(databases=["default", "owner"])
def test_nothing_generated_is_answered_with_an_error_of_ours_or_without_our_headers() -> None:
    fuzz = Fuzz(seed=1)
    assert {"step", "answer"} <= fuzz.known["step/"].keys(), "a form that is not known is only hit with nonsense"
    assert str(fuzz.request(7)) == str(fuzz.request(7))
    outcome = fuzz.run(range(N))
    assert outcome.failed == []
    assert outcome.bare == []
    assert outcome.by_class["2xx"] > N // 20, "requests also have to reach what is behind the doors"
