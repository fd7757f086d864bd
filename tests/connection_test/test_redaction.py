"""No text of the test contains a secret, however a server or a program repeats it."""

import ast
import base64
import json
import re
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from connection_test import aws, cli, commands, redaction, resp, verdict
from connection_test.context import Context
from connection_test.failures import failure_of
from connection_test.report import FAIL, Report, StageFailure, StageResult, stage_lines
from connection_test.resp import ReplyError
from connection_test.slots import Node
from hypothesis import given
from hypothesis import strategies as st

from tests.connection_test import probe
from tests.connection_test.stage_fakes import context_of

_ENCODERS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": lambda text: text.upper() if text.isascii() else text,
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON with letters": lambda text: json.dumps(text, ensure_ascii=False),
    "URL": lambda text: quote(text, safe=""),
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of a pair": lambda text: base64.b64encode(f"app:{text}!".encode()).decode()[8:-4],
    "all letters as \\u": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "all bytes as \\x": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "all bytes in octal": lambda text: "".join(f"\\{byte:03o}" for byte in text.encode()),
    "all bytes for URLs": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "all letters for HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "decimal bytes": lambda text: str(list(text.encode())),
    "hex with colons": lambda text: text.encode().hex(":"),
    "UTF-16": lambda text: text.encode("utf-16-le").decode("latin-1") if text.isascii() else text,
    "URL in URL": lambda text: quote(quote(text, safe=""), safe=""),
    "base32": lambda text: base64.b32encode(f"apps:{text}.....".encode()).decode()[8:-8],
    "base64 in base64": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base85": lambda text: base64.b85encode(text.encode()).decode()[: len(text.encode()) // 4 * 5 - 5],
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"x" + text.encode() + b"yz").decode()[4:-4],
}
SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=16, max_size=128).filter(
    # Eight equal characters are no part of a password that one could recognize.
    lambda text: len(set(text)) > 8 and "***" not in text
)


@given(
    secret=SECRETS,
    encoder=st.sampled_from(sorted(_ENCODERS)),
    before=st.sampled_from(["", "ERR unknown command 'AUTH', with args beginning with: 'app' '", "HTTP/1.1 400 "]),
    data=st.data(),
)
def test_a_part_of_a_secret_in_any_form_is_hidden(secret: str, encoder: str, before: str, data: st.DataObject) -> None:
    redaction.forget()
    redaction.keep(secret)
    written = _ENCODERS[encoder](secret)
    start = data.draw(st.integers(0, max(0, len(written) - 20)))
    part = written[start : data.draw(st.integers(min(len(written), start + 20), len(written)))]
    shown = redaction.hide(before + part + "' (cut)")
    # What is left of a form at its ends is shorter than any run that is hidden.
    for size in range(14, len(part) + 1):
        assert part[:size] not in shown
        assert part[-size:] not in shown
    assert "***" in shown


@given(secret=SECRETS)
def test_every_text_of_a_report_is_hidden(secret: str) -> None:
    redaction.forget()
    redaction.keep(secret)
    context = context_of()
    context.warn("code", f"said {secret}", f"do {secret}")
    result = StageResult("auth", FAIL, f"detail {secret}", "code", f"cause {secret}", f"action {secret}")
    report = Report("title", [result], {"engine": secret, "list": [{"key": secret}]})
    failure = StageFailure("code", f"cause {secret}", f"action {secret}")
    texts = [
        report.as_json(),
        json.dumps(json.loads(report.as_json()), ensure_ascii=False),
        report.summary,
        verdict.signal_of(report, "fail"),
        *stage_lines(result),
        *map(str, context.warnings),
        str(failure),
        failure.cause,
        failure.action,
    ]
    for text in texts:
        assert secret not in text
        for encode in _ENCODERS.values():
            assert encode(secret) not in text


@pytest.mark.parametrize("secret", ["status", "PASS", "cause", "a"])
def test_a_secret_that_is_a_word_of_the_report_changes_no_key(secret: str) -> None:
    redaction.keep(secret)
    report = Report("title", [StageResult("auth", "PASS", "ok")], {"engine": "redis"})
    document = json.loads(report.as_json())
    assert set(document) == {"verdict", "summary", "engine", "stages"}
    assert set(document["stages"][0]) == {"stage", "status", "detail", "milliseconds"}


def test_of_a_signed_token_the_signature_and_the_session_are_secret() -> None:
    token = (
        "cart/?Action=connect&User=app-user&X-Amz-Credential=AKIA%2F20261126%2Feu-west-1%2Felasticache%2Faws4_request"
        "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjE%2BJ%2F%2F%2F&X-Amz-Signature=0123456789abcdef0123456789abcdef"
    )
    redaction.keep(token)
    shown = redaction.hide(f"the cache cart in eu-west-1 refused {token} of app-user")
    assert "0123456789abcdef" not in shown
    assert "IQoJb3JpZ2" not in shown
    assert shown.startswith("the cache cart in eu-west-1 refused cart/?Action=connect&User=app-user")
    assert "IQoJb3JpZ2" not in redaction.hide("session IQoJb3JpZ2luX2VjE+J///")


def test_without_a_secret_texts_stay() -> None:
    redaction.keep("")
    assert redaction.hide("any text") == "any text"
    redaction.keep("correct-horse")
    assert redaction.hide("any text") == "any text"
    assert redaction.hide("") == ""


class Echo:
    """A server that repeats what it receives in an error, as some proxies do."""

    def __init__(self, form: Callable[[bytes], bytes]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.form = form
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(3)
                try:
                    while data := connection.recv(65536):
                        connection.sendall(self.form(data))
                except OSError:
                    continue


@pytest.mark.parametrize(
    "form",
    [
        lambda data: b"-ERR " + data.replace(b"\r\n", b" ") + b"\r\n",
        lambda data: b"-WRONGPASS " + data[-60:].replace(b"\r\n", b" ") + b"\r\n",
        lambda data: b"HTTP/1.1 400 " + repr(data).encode() + b"\r\n\r\n",
        lambda data: b"-ERR " + base64.b64encode(data) + b"\r\n",
        lambda data: b"-ERR " + data.hex().encode() + b"\r\n",
    ],
)
@pytest.mark.parametrize("words", [(), ("--format=json",), ("--watch=0.5",), ("--heartbeat=1",)])
def test_a_server_that_repeats_the_password(form: Callable[[bytes], bytes], words: tuple[str, ...]) -> None:
    password = 'correct"horse\\battery-stäple'
    server = Echo(form)
    try:
        outcome = probe.run(
            "--host=127.0.0.1",
            f"--port={server.port}",
            "--no-tls",
            "--user=app",
            *words,
            password=password,
            form="text",
        )
    finally:
        server.listener.close()
    assert outcome.status != 0
    written = outcome.output + outcome.errors
    assert written
    for part in (
        "correct",
        "horse",
        "battery",
        "stäple",
        "st\\u00e4ple",
        base64.b64encode(b"horse\\batt").decode()[:10],
    ):
        assert part not in written, written
    assert b"horse".hex() not in written


def test_an_exception_is_printed_without_the_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no idea what correct-horse-battery is")

    monkeypatch.setenv("CACHE_PASSWORD", "correct-horse-battery")
    monkeypatch.setattr("connection_test.runner.run", fail)
    assert cli.main(["--host", "127.0.0.1", "--format", "json"]) == 1
    errors = capsys.readouterr().err
    assert "RuntimeError: no idea what *** is" in errors
    assert "correct" not in errors


def test_a_reply_of_another_protocol_is_shown_without_the_secret() -> None:
    redaction.keep("correct-horse-battery")
    assert resp.shown(b"HTTP/1.1 400 correct-horse-battery") == "b'HTTP/1.1 400 ***'"


def test_a_context_has_no_list_of_secrets_to_print() -> None:
    context = Context(context_of(password="correct-horse-battery").config)
    assert "correct-horse" not in repr(context)


@pytest.mark.parametrize("secret", ["wrong", "PASS", "wrongpass", "127.0", "node.example:7000", "clients"])
def test_a_secret_that_is_a_part_of_an_error_does_not_change_its_meaning(secret: str) -> None:
    redaction.keep(secret)
    assert ReplyError("WRONGPASS invalid username-password pair").kind == "WRONGPASS"
    assert commands.redirection(ReplyError("MOVED 12 127.0.0.1:7000"), "") == (12, Node("127.0.0.1", 7000))
    assert commands.redirection(ReplyError("ASK 1 node.example:7000"), "") == (1, Node("node.example", 7000))
    assert failure_of(ReplyError("ERR max number of clients reached"), "AUTH").code == "too-many-connections"
    assert secret.lower() not in str(ReplyError(f"ERR {secret} MOVED")).lower()


@pytest.mark.parametrize("secret", ["abcdef", "abcdefg", "abcdefgh"])
@pytest.mark.parametrize("before", ["", "u", "us", "use"])
def test_a_short_secret_among_other_text_in_base64_is_hidden(secret: str, before: str) -> None:
    redaction.keep(secret)
    encoded = base64.b64encode(f"{before}{secret}!!".encode()).decode()
    # The groups of four characters that encode bytes of the secret alone.
    first, last = -(-len(before) // 3) * 4, (len(before) + len(secret)) // 3 * 4
    assert encoded[first:last] not in redaction.hide(encoded)


def test_bounds_of_what_is_hidden() -> None:
    redaction.keep("0123456789")
    # Eight characters in a row, wherever they begin, and not seven.
    for start in range(3):
        part = "0123456789"[start : start + 8]
        assert redaction.hide(f"<{part}>") == "<***>"
        assert redaction.hide(f"<{part[:7]}>") == f"<{part[:7]}>"
    assert redaction.hide("01234567, 23456789") == "***, ***"
    redaction.keep("xyz")
    assert redaction.hide("wxyz XYZ xy") == "w*** *** xy"


def test_words_of_the_program_are_shown_where_they_are_a_part_of_a_password() -> None:
    redaction.keep("my-password-is-long-connection")
    assert redaction.hide("the password of the connection") == "the password of the connection"
    assert "***" in redaction.hide("my-password")
    redaction.forget()
    assert redaction.hide("my-password-is-long-connection") == "my-password-is-long-connection"


def test_values_of_json_are_hidden_at_each_depth() -> None:
    redaction.keep("0123456789")
    value = {"a": ["0123456789", {"b": ("0123456789", 7)}], "0123456789": None, "c": True}
    assert redaction.hidden(value) == {"a": ["***", {"b": ["***", 7]}], "0123456789": None, "c": True}


@pytest.mark.parametrize(
    ("secret", "left"), [("correcthorsebatte!", ""), ("correcthorsebatter!", "IQ=="), ("correcthorsebattery!", "eSE=")]
)
def test_the_end_of_a_secret_in_base64(secret: str, left: str) -> None:
    """Only a group of four characters with padding, which other bytes would change, is no part of a form."""
    redaction.forget()
    redaction.keep(secret)
    assert redaction.hide(base64.b64encode(secret.encode()).decode()) == f"***{left}"


@pytest.mark.parametrize(
    "written",
    [
        " ".join("Zx7!q/Lw9#kV2$mN4&pR6"),
        "Zx7\\!q\\/Lw9\\#kV2\\$mN4\\&pR6",
        "Zx7!q/Lw9#\n  kV2$mN4&pR6",
        base64.b64encode(b"Zx7!q/Lw9#kV2$mN4&pR6").decode()[:17] + "\r\n" + "dm1ONCZwUjY=",
    ],
)
def test_a_secret_with_other_characters_in_between_is_hidden(written: str) -> None:
    redaction.keep("Zx7!q/Lw9#kV2$mN4&pR6")
    assert redaction.hide(f"refused {written}").startswith("refused ***")
    assert not any(part in redaction.hide(written) for part in ("Lw9", "L w 9", "kV2", "k V 2"))


def test_words_of_the_program_are_no_secret_without_their_separators() -> None:
    redaction.keep("the-connection-test-of-today")
    assert redaction.hide("connection test") == "connection test"


def test_a_long_secret_is_registered_in_little_time() -> None:
    started = time.process_time()
    redaction.keep("".join(chr(33 + number * 7919 % 90) for number in range(4096)))
    assert time.process_time() - started < 2


def test_the_session_of_aws_credentials_is_hidden() -> None:
    aws.credentials(
        {
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCY",
            "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE",
        }
    )
    assert redaction.hide("wJalrXUtnFEMI/K7MDENG and IQoJb3JpZ2luX2Vj") == "*** and ***"


def _own_texts() -> list[str]:
    """The texts in the source of the program, without those that document it."""
    texts = []
    for file in sorted((probe.SOURCE / "connection_test").glob("*.py")):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        documented = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in documented]
        texts += [node.value for node in constants if isinstance(node.value, str)]
    return texts


def test_a_password_that_contains_the_word_hides_no_text_of_the_program() -> None:
    word = re.compile(r"([a-z0-9]{0,3})[^a-z0-9]*password[^a-z0-9]*([a-z0-9]{0,3})")
    texts = [text for text in _own_texts() if " " in text and "password" in text.lower()]
    assert len(texts) > 15
    for text in texts:
        for before, after in word.findall(text.lower()):
            redaction.forget()
            redaction.keep(f"q7{before}-password:{after}z3")
            assert redaction.hide(text) == text


def test_a_password_that_contains_the_word_is_hidden_with_other_characters_in_between() -> None:
    redaction.keep("plain-password-out-of-town")
    shown = redaction.hide("ERR no such user: " + " ".join("plain-password-out-of-town"))
    assert shown == "ERR no such user: ***"
