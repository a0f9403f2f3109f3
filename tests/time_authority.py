"""A time stamp authority for tests: `openssl ts` behind a small HTTP server, with a root of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

_CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[clock]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[person]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
[tsa]
default_tsa = authority
[authority]
serial = serial
signer_cert = tsa.crt
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Authority:
    """A time stamp authority that answers.

    Attributes:
        url: Where.
        root: The certificate that a reader trusts.
        folder: Its keys and its settings.
    """

    url: str
    root: Path
    folder: Path

    def answer(self, question: bytes) -> bytes:
        """Return what it answers to a question."""
        (self.folder / "question").write_bytes(question)
        words = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "question", "-out", "answer"]
        _openssl(self.folder, *words)
        return (self.folder / "answer").read_bytes()


def made(folder: Path, name: str = "Example Time", use: str = "clock") -> Authority:
    """Return an authority with new keys, which nobody has asked yet; its certificate may be for another use."""
    folder.mkdir()
    (folder / "tsa.cnf").write_text(_CONFIG)
    (folder / "serial").write_text("01\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")
    root = ("-x509", "-extensions", "root", "-days", "30", "-keyout", "ca.key", "-out", "ca.crt")
    _openssl(folder, "req", *key, *root, "-subj", f"/O={name}/CN={name} Root")
    _openssl(folder, "req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", f"/O={name}/CN={name} Authority")
    issued = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-out", "tsa.crt")
    _openssl(folder, "x509", "-req", "-in", "tsa.csr", *issued, "-extfile", "tsa.cnf", "-extensions", use)
    return Authority("", folder / "ca.crt", folder)


@contextmanager
def answering(authority: Authority) -> Iterator[Authority]:
    """Let an authority answer on a port of this computer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield Authority(f"http://127.0.0.1:{server.server_port}/", authority.root, authority.folder)
        server.shutdown()
        thread.join()


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True)
