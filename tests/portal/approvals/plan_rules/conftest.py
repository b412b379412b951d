from typing import Any

import pytest

from attribution.models import Tenant
from portal.accounts.models import Role
from tests.support.changes import people
from tests.support.fleet import small_fleet
from tests.support.people import somebody
from tests.support.plan_rules import far_region


@pytest.fixture
def cast() -> dict[str, Any]:
    """`c1/a100` in the EU, `far/a100` in the US, the service `chat`, and a bank below the holding."""
    fleet = small_fleet()
    far_region(fleet)
    bank = Tenant.objects.create(name="bank", parent=fleet.holding)
    Tenant.objects.filter(pk=bank.pk).update(path=f"{fleet.holding.path}{bank.pk}/")
    return people() | {"operator": somebody("otto", Role.OPERATOR), "fleet": fleet}
