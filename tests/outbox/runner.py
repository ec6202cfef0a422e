"""A worker process: takes DATABASE_URL, SMTP_URL and the seconds of a lease as arguments; SIGTERM ends it."""

import datetime
import logging
import sys

import bot.clock
from bot import worker
from bot.database import Database
from bot.outbox.service import Outbox
from bot.outbox.smtp import SmtpTransport


def main(database_url, smtp_url, lease):
    logging.basicConfig(level=logging.INFO)
    transport = SmtpTransport(smtp_url, "support@example.com", timeout=30, longest=30)
    outbox = Outbox(
        Database(database_url), {"mail": transport}, bot.clock.now, lease=datetime.timedelta(seconds=float(lease))
    )
    worker.run_until_signalled(lambda stop: [worker.sending(outbox, stop)])


if __name__ == "__main__":
    main(*sys.argv[1:])
