"""Who asks, as far as a proxy can be believed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from aftercare.http import client_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "9.9.9.9, 10.0.0.7", "10.0.0.7"),
        (2, "9.9.9.9, 10.0.0.7", "9.9.9.9"),
        (1, "", ""),
    ],
)
def test_tries_are_counted_by_the_address_that_a_trusted_proxy_saw(
    settings: Any, proxies: int, forwarded: str, expected: str
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded} if forwarded else {})
    assert client_address(request) == (expected or "127.0.0.1")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_tries_are_counted_by_the_network_of_an_ipv6_address(address: str, counted: str) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted
