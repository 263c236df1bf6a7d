"""One check by HTTP, as an endpoint's definition in a probe.due event asks for it.

What a definition wants beyond a plain request and the status of its answer, such
as a proxy or an expectation of the body, is unknown to this module, and the result
says so.
"""

import errno
import http.client
import io
import json
import re
import socket
import ssl
import time
import urllib.parse

IN_PATHS = "!#$%&'()*+,/:;=?@[]~"  # what a path and its query may hold as it is
UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
FAULTS = (  # the first that an error is an instance of
    (socket.gaierror, "dns", "the name does not resolve"),
    (ConnectionRefusedError, "refused", "nothing listens there"),
    (TimeoutError, "timeout", "no whole answer in time"),
    (ssl.SSLError, "tls", "no TLS session, or a bad certificate"),
    (ConnectionError, "reset", "the peer cut the connection"),
    (http.client.HTTPException, "protocol", "what came back is no HTTP"),
)


def seconds(text):
    """Reads a duration, such as 500ms, 1m30s or 14d."""
    parts = re.findall(r"([0-9.]+)(ns|us|µs|ms|s|m|h|d)", text)
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def beyond(endpoint):
    """Returns what of an endpoint this probe cannot do: a fault and a reason, or None."""
    request, expect = endpoint["http"], endpoint["expect"]
    if "${" in json.dumps(request):
        return "secret", "this probe knows no secrets"
    for name in sorted(request.keys() - {"url", "method", "headers", "body", "redirects"}):
        return "observer", f"this probe knows no {name} of a request"
    for name in sorted(expect.keys() - {"status"}):
        return "observer", f"this probe knows no expectation of {name}"
    return None


def rest(deadline):
    """Returns the seconds until then, of which there must be some."""
    if (left := deadline - time.monotonic()) <= 0:
        raise TimeoutError
    return left


class Answer(io.RawIOBase):
    """What a peer answers. It has until the deadline for all of it, however slowly it speaks."""

    def __init__(self, peer, deadline):
        super().__init__()
        self.peer, self.deadline = peer, deadline
        self.bytes = peer.makefile("rb", buffering=0)

    def makefile(self, _mode):
        """Returns itself as http.client wants it."""
        return io.BufferedReader(self)

    def readable(self):
        return True

    def readinto(self, buffer):
        self.peer.settimeout(rest(self.deadline))
        return self.bytes.readinto(buffer)

    def close(self):
        self.bytes.close()
        super().close()


def ask(request, deadline):
    """Makes a request. Returns the status of the answer and the bytes of its body."""
    url = urllib.parse.urlsplit(request["url"])
    secure = url.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(url.hostname, url.port, timeout=rest(deadline))
    connection.response_class = lambda peer, **how: http.client.HTTPResponse(
        Answer(peer, deadline), **how
    )
    try:
        connection.connect()
        connection.sock.settimeout(rest(deadline))
        path = urllib.parse.urlunsplit(("", "", url.path or "/", url.query, ""))
        body = request.get("body", "").encode() or None
        connection.request(
            request["method"], urllib.parse.quote(path, safe=IN_PATHS), body,
            request.get("headers", {}),
        )
        answer, size = connection.getresponse(), 0
        while chunk := answer.read1(65536):
            size += len(chunk)
        return answer.status, size
    finally:
        connection.close()


def look(endpoint):
    """Makes one check. Returns what it saw, as fields of a row."""
    began, timeout = time.monotonic(), 0.0
    try:
        if unable := beyond(endpoint):
            return {"outcome": "unknown", "us": 0, "fault": unable[0], "reason": unable[1]}
        timeout = seconds(endpoint["timeout"])
        row = judge(endpoint, *ask(endpoint["http"], began + timeout))
    except Exception as error:  # whatever it is, it ends this check alone
        row = explain(error)
    took = time.monotonic() - began
    if took > timeout and row["outcome"] != "unknown":
        row = explain(TimeoutError())
    return row | {"us": int(took * 1e6)}


def judge(endpoint, status, size):
    """Says what an answer is worth."""
    wanted = endpoint["expect"].get("status") or ["200-299"]
    row = {"status": status, "bytes": size, "outcome": "passed"}
    if status in (301, 302, 303, 307, 308) and endpoint["http"]["redirects"] > 0:
        reason = "this probe follows no redirects"
        return row | {"outcome": "unknown", "fault": "observer", "reason": reason}
    for low, _, high in (one.partition("-") for one in wanted):
        if int(low) <= status <= int(high or low):
            return row
    missed = {"expectation": "status", "want": ", ".join(wanted), "got": str(status)}
    reason = f"status is {status}, want {missed['want']}"
    return row | {
        "outcome": "failed", "fault": "expectation", "reason": reason, "unmet": [missed],
    }


def explain(error):
    """Says what an error means. Only what is the endpoint's fault has failed."""
    for kind, fault, reason in FAULTS:
        if isinstance(error, kind):
            return {"outcome": "failed", "fault": fault, "reason": reason}
    if getattr(error, "errno", None) in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return {"outcome": "failed", "fault": "unreachable", "reason": "no route to the host"}
    reason = f"this probe could not look: {type(error).__name__}"
    return {"outcome": "unknown", "fault": "observer", "reason": reason}
