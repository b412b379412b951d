"""What can be decided about a table: which of its rows a request may see, and who may write them."""

from dataclasses import dataclass
from enum import Enum

# In a policy's expression these become calls that PostgreSQL makes once a statement, if at all: whether
# everything may be seen, the ids of the tenants that may, and the ids of what these tenants' figures name.
ALL, TENANTS, NAMES = "@all", "@tenants", "@names('{}')"
# The same tenants as rows, which PostgreSQL hashes. Comparing each row of a table with each id of an array
# took twelve times as long as the sum itself, for somebody with a thousand tenants.
EACH_TENANT = "@each_tenant"
# And as flags by id, which is asked first where many rows are read: a yes takes a third of the time.
_FLAGS = "@flags"


class Writers(Enum):
    """Who but the owner may insert, update and delete."""

    BOTH = "the web process, and who writes facts"
    APP = "the web process alone"
    INGEST = "who writes facts alone"
    OWNER = "nobody: functions of the owner's do"


@dataclass(frozen=True)
class Decision:
    """`using` "" means that everybody sees all rows, and `reason` says why that tells nothing of a tenant.

    `report`: columns that BI logins may read, under the same policy; "" none. `workers`: those that who
    writes facts may read where only the web process writes.
    """

    using: str
    reason: str = ""
    writers: Writers = Writers.BOTH
    report: str = ""
    workers: str = ""


def everyones(reason: str, writers: Writers = Writers.BOTH, report: str = "", workers: str = "") -> Decision:
    """No policy: nothing in it is of a tenant."""
    return Decision("", reason, writers, report, workers)


def platforms(writers: Writers = Writers.BOTH) -> Decision:
    """Only for whoever sees everything: bills, machines, sums over tenants, strangers' labels."""
    return Decision(ALL, writers=writers)


def tenants(column: str = "tenant_id", writers: Writers = Writers.BOTH, report: str = "") -> Decision:
    """Rows of a tenant: for whoever sees it. Rows without one are the platform's."""
    using = f"{ALL} OR {_FLAGS}[{column}] OR {column} IN {EACH_TENANT}"
    return Decision(using, writers=writers, report=report)


# The accounts of whoever asks.
OWN_ACCOUNTS = "IN (SELECT id FROM accounts_user WHERE person_id = (SELECT seen_person()))"


def persons(column: str = "user_id") -> Decision:
    """A person's own, for nobody else, whatever they see."""
    return Decision(f"{column} {OWN_ACCOUNTS}", writers=Writers.APP)


def named_in_lines(dimension: str, own: str = "") -> Decision:
    """Names: for whoever sees everything, or bears or asked for something under that name."""
    parts = [ALL, *([own] if own else []), f"id = ANY ({NAMES.format(dimension)})"]
    return Decision(" OR ".join(parts), report="*")


def goes_with(column: str, table: str) -> Decision:
    """Rows about something that has a policy itself: seen with it."""
    return Decision(f"{ALL} OR {column} IN (SELECT id FROM {table})")  # noqa: S608 - names of ours
