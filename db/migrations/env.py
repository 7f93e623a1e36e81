"""Runs the migrations on the connection the store hands over, inside the store's own transaction."""

from alembic import context
from sqlmodel import SQLModel

from living.store import people_tables, tables  # noqa: F401 - the models are what a new migration is compared with

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,  # SQLite rolls back CREATE and ALTER too: a killed migration leaves nothing
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
