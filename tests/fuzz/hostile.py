"""Values, bodies and headers that stumble over a thing or two, drawn from a seeded random."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes
from uuid import UUID

FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json"

# As bytes: some of these no text can hold.
_VALUES = (
    *(b"", b" ", b"\0", b"a\0b", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\r\nSet-Cookie: a=b"),
    *(b"-1", b"0", b"1", b"1e309", b"NaN", b"9" * 30, b"9" * 5000, b"0x10", b"1_000", b"1.5", b"+1", b"on", b"null"),
    *(b"9999-12-31T23:59", b"0001-01-01", b"2027-03-14T02:30", b"2027-02-30", b"24:00", b"1985-04-30", b"23:61"),
    *(b"'; DROP TABLE x; --", b"<script>alert(1)</script>", b"{{ 7|add:7 }}", b"../../etc/passwd", b"%s%n", b"\\x00"),
    *("é", "🌿👩‍👩‍👧‍👦", "\u202eabc\u2066", "e\u0301" * 200, "ⅷ²٣", "ß", "İ", "\u2028", "\ufeff", "\U0010fffe"),
    *(b"a@example.org", b"a@b", b"+15550100142", b"911", b"212-555-0142", b"ABCD-2345", b"123456", b"x" * 70_000),
    *(
        b"//evil.example/",
        b"https://evil.example/",
        b"javascript:alert(1)",
        b"/",
        b"[" * 3000,
        b"[" * 20_000,
        b'"\\ud800"',
        b'{"id": "\\ud800"}',
        b'{"id": "\\u0000"}',
        b'{"a": [1, {"b": null}]}',
    ),
    *(b"a: &a [*a]", b"a: !!python/object/apply:os.system [ls]", b"- " * 2000, b"00000000-0000-0000-0000-000000000000"),
)
VALUES: tuple[bytes, ...] = tuple(value.encode() if isinstance(value, str) else value for value in _VALUES)
_SHAPES = (
    *(b"3", b"null", b"true", b'"\\u0000"', b'"\\ud800"', b"[]", b"{}", b"{", b"", b"\0", b'{"a": NaN}', b"1e999"),
    *(b"[" * 100_000, b'{"a":' * 100_000, b'{"__proto__": {"a": 1}}', b'{"a": "\xff"}', b"\xef\xbb\xbf{}", b"9" * 6000),
)
_TYPES = (
    *("", "text/plain", "text/xml", "application/json; charset=utf-16", "application/octet-stream", "a", ";", "é/é"),
    *(f"{FORM}; charset=hex", f"{FORM}; charset=utf-7", f"{FORM}; charset=a\0b", f"{FORM}; charset*=x''%00"),
    *(
        f"{FORM}; charset=utf-8",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=é",
    ),
    *("multipart/mixed; boundary=b", f"multipart/form-data; boundary={'b' * 300}", f"{FORM}; {'a=b;' * 4000}"),
)
_HEADERS: Mapping[str, Sequence[str]] = {
    "HTTP_HOST": ("evil.example", "testserver:99999", "[::1", "a\0b", "testserver.", "TESTSERVER", "x" * 5000, "é", ""),
    "HTTP_ORIGIN": ("null", "https://evil.example", "http://testserver", "http://[", "é", "", "http://testserver@evil"),
    "HTTP_REFERER": (
        "http://[",
        "http://testserver/staff/?q=a%00b",
        "//",
        "javascript:1",
        "x" * 9000,
        "http://testserver/é",
    ),
    "HTTP_SEC_FETCH_SITE": ("cross-site", "same-site", "same-origin", "none", "", "é"),
    "HTTP_HX_REQUEST": ("true", "false", "", "\0"),
    "HTTP_HX_CURRENT_URL": ("http://[", "http://testserver/\xff", "http://testserver/staff/", "x" * 9000, "", "//a:b/"),
    "HTTP_HX_CURRENT_URL_URI_AUTOENCODED": ("true", "false"),
    "HTTP_HX_TARGET": ("now", "%00", "é", "x" * 5000),
    "HTTP_HX_TARGET_URI_AUTOENCODED": ("true",),
    "HTTP_HX_TRIGGER": ("a", "\0"),
    "HTTP_TRIGGERING_EVENT": ("{", "3", "null", "[" * 5000, '{"a": 1}'),
    "HTTP_HX_BOOSTED": ("true",),
    "HTTP_X_FORWARDED_FOR": ("1.2.3.4", "'; DROP", ",,,", "x" * 5000, "1.2.3.4, \0"),
    "HTTP_X_FORWARDED_HOST": ("evil.example",),
    "HTTP_X_FORWARDED_PROTO": ("https", "gopher"),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
    "HTTP_X_TWILIO_SIGNATURE": ("é", "a" * 5000, "=", ""),
    "HTTP_X_CSRFTOKEN": ("x", "é", "a" * 64, ""),
    "HTTP_ACCEPT_LANGUAGE": ("de", "*", "x" * 5000, "en;q=9"),
    "HTTP_ACCEPT_ENCODING": ("gzip", "gzip;q=x", "br", "é"),
    "HTTP_ACCEPT": ("application/json", "*/*;q=a", ""),
    "HTTP_RANGE": ("bytes=0-", "bytes=9-1", "bytes=a", "lines=1-2"),
    "HTTP_IF_MODIFIED_SINCE": ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 99999 00:00:00 GMT"),
    "HTTP_IF_NONE_MATCH": ("*", '"a"', "x" * 5000),
    "HTTP_USER_AGENT": ("", "é\0", "x" * 9000),
    "HTTP_AUTHORIZATION": ("Basic !!!", "Bearer x"),
    "HTTP_TRANSFER_ENCODING": ("chunked", "gzip, chunked"),
    "CONTENT_LENGTH": ("-1", "abc", "0", "5", "999999999999", "²", "1_000", " 5", "300000"),
    "REMOTE_ADDR": ("", "::1", "fe80::1%eth0"),
}
_COOKIES = (
    *(b"sid=x", b"sid=", b"sid=" + b"a" * 32, b"sid=" + b"a" * 5000, b'sid="\\000aaaaaaaa"', b"sid=a%00b", b"csrf=x"),
    *(b"csrf=" + b"\xff" * 32, b"theme=neon; theme=dim", b"theme=\xed\xa0\x80", b"=; ;; =a", b"messages=x:y:z", b"\0"),
    *(
        b"sid=\xe2\x98\x83",
        b"a" * 9000,
        b"csrf=" + b"a" * 64,
        b"sessionid=x; csrftoken=y",
        b'sid="\\377\\377\\377\\377aaaa"',
    ),
)


def value(random: Random, *, likely: Sequence[str] = (), luck: float = 0.5) -> bytes:
    """One of what a form expects, as often as `luck` says; else something that it does not."""
    if likely and random.random() < luck:
        return random.choice(likely).encode()
    if random.random() < 0.9:
        return random.choice(VALUES)
    return random.choice(VALUES)[:40] + bytes(random.randrange(256) for _ in range(random.randrange(8)))


def method(random: Random) -> str:
    rare = ("HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "get", "X" * 50, "POST\0")
    return random.choices(("GET", "POST", random.choice(rare)), (40, 48, 12))[0]


def query(random: Random, names: Sequence[str]) -> bytes:
    if random.random() < 0.6:
        return b""
    if random.random() < 0.05:
        return b"&".join(b"a=b" for _ in range(random.choice((99, 101, 2000))))
    pairs = [(random.choice(names), value(random)[:3000]) for _ in range(random.randrange(1, 4))]
    return b"&".join(name.encode() + b"=" + _escape(random, typed) for name, typed in pairs)


def fields(random: Random, known: Mapping[str, Sequence[str]]) -> list[tuple[bytes, bytes]]:
    """What a form sends: mostly the fields that it has, some twice, some missing, some that it never heard of."""
    luck, there = random.choice(((1.0, 1.0), (0.9, 0.95), (0.5, 0.9)))
    pairs = [
        (name.encode(), value(random, likely=likely, luck=luck))
        for name, likely in known.items()
        if random.random() <= there
    ]
    for _ in range(random.choice((0, 0, 1, 2))):
        pairs.append(
            (random.choice(pairs)[0] if pairs and random.random() < 0.5 else value(random)[:60], value(random))
        )
    if random.random() < 0.02:
        pairs += [(f"f{number}".encode(), b"x") for number in range(random.choice((90, 101, 2000)))]
    random.shuffle(pairs)
    return pairs


def body(random: Random, pairs: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, str]:
    """A body and its content type, which do not always go together."""
    draw = random.random()
    if draw < 0.7:
        return b"&".join(_escape(random, name) + b"=" + _escape(random, typed) for name, typed in pairs), FORM
    if draw < 0.82:
        return _multipart(random, pairs), random.choice((PARTS, PARTS, PARTS, *_TYPES))
    if draw < 0.92:
        return _json(random, pairs), random.choice((JSON, JSON, FORM, *_TYPES))
    if draw < 0.96:
        return b"a=" + b"x" * random.choice((200_000, 262_143, 262_145, 400_000)), FORM
    return random.choice(VALUES) * 3, random.choice(_TYPES)


def headers(random: Random) -> dict[str, str]:
    if random.random() < 0.4:
        return {}
    names = random.sample(sorted(_HEADERS), random.randrange(1, 4))
    return {name: random.choice(_HEADERS[name]) for name in names}


def cookies(random: Random, own: bytes) -> bytes:
    """The person's own cookies, mostly; sometimes with others, or others alone."""
    if random.random() < 0.92:
        return own
    other = random.choice(_COOKIES)
    return random.choice((other, own + b"; " + other, other + b"; " + own))


def wrong_session(random: Random, session: dict[str, Any]) -> dict[str, Any]:
    """The session of somebody, of which one value that says who they are is of no use."""
    names = [name for name in session if name in {"device", "clinic"} or name.startswith("_auth")]
    if not names:
        return {random.choice(("device", "clinic", "_auth_user_id", "_auth_user_backend")): "x"}
    name = random.choice(names)
    changed = {**session, name: random.choice(("x", "", "9" * 40, None, 7, [], {}, str(UUID(int=7)), "a\u0000b"))}
    if random.random() < 0.3:
        del changed[name]
    return changed


def _escape(random: Random, raw: bytes) -> bytes:
    return raw if random.random() < 0.05 else quote_from_bytes(raw, safe="").encode()


def _multipart(random: Random, pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    parts = []
    for name, typed in pairs:
        more = random.choice(
            (b"",) * 12 + (b'; filename="a.txt"', b"; filename*=hex''%41", b"\r\nContent-Type: text/\xff")
        )
        more = random.choice((more,) * 9 + (b"; name*=x''y", b"\r\nContent-Transfer-Encoding: base64"))
        parts.append(
            b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + typed + b"\r\n"
        )
    end = random.choice((b"--b--\r\n", b"--b--\r\n", b"--b", b""))
    return b"".join(parts) + end


def _json(random: Random, pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    if random.random() < 0.7:
        return random.choice(_SHAPES)
    known = {name.decode("latin-1"): typed.decode("latin-1") for name, typed in pairs}
    return json.dumps(random.choice(([known], known, {"a": known}))).encode()
