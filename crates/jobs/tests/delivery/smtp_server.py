"""A mail server on loopback that behaves as told, for delivery.rs.

    smtp_server.py FOLDER [--starttls | --tls] [--login] [--refuse-first N] [--refuse CODE] [--cert FILE --key FILE]

Prints the port it listens on, writes every message it takes to FOLDER as NNN.eml, and ends when its standard input does.
"""

import argparse
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

options = argparse.ArgumentParser()
options.add_argument("folder", type=pathlib.Path)
options.add_argument("--starttls", action="store_true")
options.add_argument("--tls", action="store_true")
options.add_argument("--login", action="store_true")
options.add_argument("--refuse-first", type=int, default=0)
options.add_argument("--refuse", default="451 4.3.0 try again later")
options.add_argument("--cert")
options.add_argument("--key")
options = options.parse_args()


class Folder:
    seen = 0

    async def handle_DATA(self, server, session, envelope):
        Folder.seen += 1
        # Refused messages are kept too: the tests compare attempts.
        accepted = Folder.seen > options.refuse_first
        name = f"{Folder.seen:03}.{'eml' if accepted else 'refused'}"
        unfinished = options.folder / f"{name}.part"
        unfinished.write_bytes(envelope.original_content)
        unfinished.rename(options.folder / name)
        (options.folder / f"{name}.envelope").write_text("\n".join([envelope.mail_from, *envelope.rcpt_tos]))
        return "250 2.0.0 taken" if accepted else options.refuse


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"bellwether", b"hunter2")
    return AuthResult(success=good, handled=good)


context = None
if options.starttls or options.tls:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.cert, options.key)


def session():
    return SMTP(
        Folder(),
        hostname="localhost",
        tls_context=context if options.starttls else None,
        require_starttls=options.starttls,
        auth_required=options.login,
        auth_require_tls=options.login and options.starttls,
        authenticator=authenticate if options.login else None,
    )


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if options.tls else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
