"""Are the guards still there? A trigger that was switched off leaves no event behind."""

from django.db import connection

from portal.audit.watched import WATCHED

GUARDS = (
    ("audit_event", "append_only"),
    ("audit_event", "only_the_chain"),
    ("audit_head", "append_only"),
    ("audit_head", "only_the_chain"),
    ("audit_pending", "append_only"),
    ("audit_pending", "only_the_chain"),
    ("audit_pending", "audit_queue"),
    ("audit_turn", "only_the_chain"),
    ("audit_turn", "audit_chain"),
    ("audit_check", "append_only"),
)


def missing_guards() -> str:
    """The first trigger that is not in force, and how to get it back; "" when all are."""
    wanted = [*GUARDS, *((name, trigger) for name in WATCHED for trigger in ("audit_row", "audit_truncate"))]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT wanted.name, wanted.trigger
                 FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY wanted (name, trigger, place)
                 JOIN to_regclass(quote_ident(wanted.name)) found ON found IS NOT NULL
                WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = found
                                     AND t.tgname = wanted.trigger AND t.tgenabled IN ('O', 'A'))
                ORDER BY place LIMIT 1""",
            [[name for name, _ in wanted], [trigger for _, trigger in wanted]],
        )
        row = cursor.fetchone()
    if row is None:
        return ""
    cure = (
        "manage.py migrate"
        if row[1] in ("audit_row", "audit_truncate")
        else "ALTER TABLE … ENABLE TRIGGER USER"
    )
    return f"{row[0]} is not guarded: its trigger {row[1]} is missing or switched off; {cure} puts it back"
