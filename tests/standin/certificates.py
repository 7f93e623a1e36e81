"""Certificates good and bad, made for one test run by the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Authority:
    """A certificate authority of ours, in a folder of its own."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "authority.pem"

    def serving(self, name: str = "IP:127.0.0.1", days: int = 2, *, itself: bool = False) -> ssl.SSLContext:
        """Return what a server needs to show a certificate for `name`; below 0 days it is over already.

        `itself`: the server signs for itself, and the authority knows nothing of it.
        """
        where = self.folder / f"{name.replace(':', '_')}_{days}_{itself}"
        key, certificate = where.with_suffix(".key"), where.with_suffix(".pem")
        if itself:
            _openssl("req", "-x509", *KEY, "-keyout", key, "-out", certificate, "-subj", "/CN=test",
                     "-days", str(days), "-addext", f"subjectAltName={name}")  # fmt: skip
        else:
            self._signed(where, name, days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def _signed(self, where: Path, name: str, days: int) -> None:
        request, wishes = where.with_suffix(".csr"), where.with_suffix(".ext")
        wishes.write_text(
            f"subjectAltName={name}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n", "utf-8"
        )
        _openssl("req", *KEY, "-keyout", where.with_suffix(".key"), "-out", request, "-subj", "/CN=test")
        signer = ("-CA", self.certificate, "-CAkey", self.folder / "authority.key", "-CAcreateserial")
        how = ("-days", str(days), "-extfile", wishes)
        _openssl("x509", "-req", "-in", request, *signer, *how, "-out", where.with_suffix(".pem"))


def authority_in(folder: Path) -> Authority:
    """Make an authority."""
    made = Authority(folder)
    _openssl("req", "-x509", *KEY, "-keyout", folder / "authority.key", "-out", made.certificate,
             "-subj", "/CN=An authority of one test run", "-days", "2",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)
