"""Delivery reports (RFC 3464) as mail servers write them; synthetic."""


def delivery_report(
    message_id: str,
    *,
    to: str = "reader@example.org",
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <{to}>: Recipient address rejected: User unknown",
    headers_only: bool = False,
) -> bytes:
    """Return a report on one letter, which it brings back whole or as headers."""
    copy = f"Message-ID: {message_id}\r\n" if message_id else ""
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    body = "" if headers_only else "\r\nThe text of the letter.\r\n"
    text = f"""From: MAILER-DAEMON@mail.example.org
To: living@example.org
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

I could not deliver your message to <{to}>.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Arrival-Date: Thu, 12 Feb 2026 06:00:00 +0000

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: {said.format(to=to)}

--=_b
Content-Type: {kind}

From: living@example.org
To: {to}
"""
    return f"{text}{copy}{body}\n--=_b--\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()
