#!/usr/bin/env python3
"""Answers new mail by a set text, and then tells you what it did. Run it from cron, every 5 minutes.

For each unread message in the folder (of the senders in only_from, if there are any) it sends the reply by
SMTP, marks the message as answered and read, and posts to Hark. Automatic messages get no reply (RFC 3834).
Everything it needs stands in push_config.json; see push_config.example.json.

To be told of mail without answering it you need no script: Settings, Sources, Mailbox.
"""

import email
import email.policy
import email.utils
import imaplib
import smtplib
import sys
from email.message import EmailMessage
from urllib.parse import urlsplit

from hark_push import fire, load_config


def open_imap(mail):
    url = urlsplit(mail["imap"])
    if url.scheme == "imaps":
        box = imaplib.IMAP4_SSL(url.hostname, url.port or 993)
    else:
        box = imaplib.IMAP4(url.hostname, url.port or 143)
        if url.scheme != "imap+insecure":  # only for a server on this machine
            box.starttls()
    box.login(mail["user"], mail["password"])
    box.select(mail.get("folder", "INBOX"))
    return box


def send(mail, message):
    url = urlsplit(mail["smtp"])
    if url.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(url.hostname, url.port or 465, timeout=30)
    else:
        smtp = smtplib.SMTP(url.hostname, url.port or 587, timeout=30)
    with smtp:
        if url.scheme == "smtp":
            smtp.starttls()
        if url.scheme != "smtp+insecure":
            smtp.login(mail["user"], mail["password"])
        smtp.send_message(message)


def wants_reply(message, mail):
    sender = email.utils.parseaddr(str(message["From"] or ""))[1].lower()
    if not sender or sender == mail["user"].lower():
        return False
    if message.get("Auto-Submitted", "no").lower() != "no" or message.get("Precedence", "").lower() in ("bulk", "list", "junk"):
        return False  # two programs must not answer each other for ever
    only = [a.lower() for a in mail.get("only_from", [])]
    return not only or sender in only


def reply_to(message, mail):
    reply = EmailMessage()
    subject = str(message["Subject"] or "")
    reply["From"] = mail.get("from", mail["user"])
    reply["To"] = str(message["Reply-To"] or message["From"])
    reply["Subject"] = subject if subject.lower().startswith("re:") else "Re: " + subject
    reply["Date"] = email.utils.localtime()
    reply["Message-ID"] = email.utils.make_msgid()
    reply["Auto-Submitted"] = "auto-replied"
    if message["Message-ID"]:
        reply["In-Reply-To"] = reply["References"] = str(message["Message-ID"])
    reply.set_content(mail["reply"])
    return reply


def main():
    config = load_config()
    mail = config["mail"]
    box = open_imap(mail)
    try:
        for number in box.uid("search", None, "UNSEEN", "UNANSWERED")[1][0].split():
            raw = box.uid("fetch", number, "(BODY.PEEK[])")[1][0][1]
            message = email.message_from_bytes(raw, policy=email.policy.default)
            if not wants_reply(message, mail):
                continue
            # Marked first: a reply that was not sent is told of below, one that is sent twice can't be taken back.
            box.uid("store", number, "+FLAGS.SILENT", r"(\Answered \Seen)")
            who, subject = str(message["From"]), str(message["Subject"] or "(no subject)")
            try:
                send(mail, reply_to(message, mail))
                text, priority = "I answered %s: “%s”" % (who, mail["reply"]), 3
            except (OSError, smtplib.SMTPException) as e:
                text, priority = "I could not answer %s: %s" % (who, e), 4
                print(text, file=sys.stderr)
            fire(config, text, title=subject, priority=priority, tags=["email"], key=str(message["Message-ID"] or number.decode())[:128])
    finally:
        box.logout()


if __name__ == "__main__":
    main()
