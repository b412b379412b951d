"""Which seats somebody can take."""

from collections import Counter

from django.db import connection

from portal.accounts.models import Person, Role
from portal.approvals.models import ChangeDecision, ChangeRequest


def seats_for(change: ChangeRequest, person: Person) -> list[str]:
    """Seats that they have a role for: free ones first, and of those the ones that fewer can take."""
    taken = Counter(
        ChangeDecision.objects.filter(request=change, hash=change.hash, agrees=True).values_list(
            "seat", flat=True
        )
    )
    seats = Counter(change.seats)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seat FROM unnest(%s::text[]) seat WHERE holds_seat(%s, seat, %s)",
            [list(seats), person.pk, change.tenant_id],
        )
        held = [row[0] for row in cursor.fetchall()]
    return sorted(held, key=lambda seat: (taken[seat] >= seats[seat], seat.count("|"), seat))


def has_part(change: ChangeRequest, person: Person) -> bool:
    """Whether they asked, edited or let a program ask: then they do not decide."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_part_in_change(%s, %s)", [change.pk, person.pk])
        return bool(cursor.fetchone()[0])


def roles_of(person: Person, tenant_id: int | None) -> set[str]:
    """Roles that they have for a tenant (None: of the whole), by all their accounts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT role FROM unnest(%s::text[]) role WHERE holds_seat(%s, role, %s)",
            [list(Role.values), person.pk, tenant_id],
        )
        return {row[0] for row in cursor.fetchall()}


def people_for(change: ChangeRequest) -> list[Person]:
    """Who could take a seat of it: they have a role for one, have no part in it and have not decided."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT u.person_id FROM accounts_user u, unnest(%(seats)s::text[]) seat
                WHERE holds_seat(u.person_id, seat, %(tenant)s)
                  AND NOT has_part_in_change(%(change)s, u.person_id)
                  AND NOT EXISTS (SELECT FROM change_decision d WHERE d.request_id = %(change)s
                                     AND d.hash = %(hash)s AND d.person_id = u.person_id)""",
            {"seats": change.seats, "tenant": change.tenant_id, "change": change.pk, "hash": change.hash},
        )
        return list(Person.objects.filter(pk__in=[row[0] for row in cursor.fetchall()]).order_by("pk"))
