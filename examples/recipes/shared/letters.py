import smtplib
from email.message import EmailMessage

import postbox

SERVER = postbox.address  # in a shop: the name of your mail server


def send_email(to: str, subject: str, body: str) -> None:
    letter = EmailMessage()
    letter["From"] = "shop@example.com"
    letter["To"] = to
    letter["Subject"] = subject
    letter.set_content(body)
    with smtplib.SMTP(SERVER, local_hostname="shop", timeout=10) as server:
        server.send_message(letter)
    print(f"sent {subject!r} to {to}")
