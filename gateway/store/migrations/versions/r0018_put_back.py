"""When a message was put back by hand; facts of our own under names that no question has. There is no way down:
restore the back-up that was made before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("again_at", sa.BigInteger()))  # microseconds since 1970
    # Copied: a poll's region may be a question of the id `place`, whose answer stays a fact under it.
    facts = sa.table("profiles", *map(sa.column, ("person", "fact", "value")))
    for ours, before in (("~place", "place"), ("~zone", "zone")):
        known = sa.select(facts.c.person, sa.literal(ours), facts.c.value).where(facts.c.fact == before)
        op.execute(facts.insert().from_select(["person", "fact", "value"], known))
