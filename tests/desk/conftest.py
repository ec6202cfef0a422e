"""The services of the tests of tickets, on each kind of database."""

from tests.tickets.conftest import services, tickets

__all__ = ["services", "tickets"]
