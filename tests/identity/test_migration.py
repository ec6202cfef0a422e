from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bot.database import Database, metadata
from bot.migrations.versions import v0004_identity
from tests.identity.conftest import TABLES


def test_the_migration_makes_the_tables_that_the_code_declares(database_url):
    database = Database(database_url)
    with database.transaction() as connection:
        ours = {"include_object": lambda thing, name, kind, *_: kind != "table" or name in TABLES}
        context = MigrationContext.configure(connection, opts={"compare_type": True, **ours})
        with Operations.context(context):
            v0004_identity.upgrade()
        assert compare_metadata(context, metadata) == []
    database.engine.dispose()
