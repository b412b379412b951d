"""Applying a file: all or nothing, once, and only what differs."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from attribution.models import (
    Cluster,
    ModelRelease,
    Node,
    Organization,
    Pool,
    Price,
    PriceBook,
    Provider,
    Reserve,
    Service,
    ServiceRule,
    Source,
    Tenant,
    TenantRule,
)
from attribution.operations.interning import intern_nodes
from attribution.operations.resolve_labels import create_tenants
from ingest.models import Connection, FeedHour
from tests.support.fleet_file import FLEET, apply_text, with_

pytestmark = pytest.mark.django_db
NOTHING = "nothing to do: everything is as the file says\n"


def test_two_mistakes_are_both_told_and_nothing_is_applied(tmp_path: Path) -> None:
    text = with_('"1.35"', '"cheap"').replace("devices = 2", "devices = 0")
    with pytest.raises(CommandError, match="2 mistakes, nothing was applied") as refused:
        apply_text(tmp_path, text)
    assert "fleet.toml:28: price_book.price" in str(refused.value)
    assert "fleet.toml:49: reserve" in str(refused.value)
    assert not Provider.objects.exists()
    assert not Source.objects.exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"other\.toml: No such file"):
        call_command("apply", str(tmp_path / "other.toml"))


def test_a_file_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(CommandError, match="expected text in UTF-8"):
        call_command("apply", str(path))


def test_the_first_time_everything_is_added(tmp_path: Path) -> None:
    said = apply_text(tmp_path, FLEET)
    assert "+ pool c1/a100: accelerator" in said
    assert Organization.objects.get().name == "Example"
    assert Price.objects.get().rate_nano == 1_350_000_000
    assert ServiceRule.objects.get().service.name == "chat"
    assert Connection.objects.get().signals == ["dcgm"]


def test_the_second_time_nothing_is_changed(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    rules = list(TenantRule.objects.values())
    assert apply_text(tmp_path, FLEET) == NOTHING
    assert list(TenantRule.objects.values()) == rules


def test_a_dry_run_shows_the_difference_and_changes_nothing(tmp_path: Path) -> None:
    said = apply_text(tmp_path, FLEET, dry_run=True)
    assert "+ reserve c1/a100/chat/warm: devices = 2" in said
    assert "dry run, nothing was applied" in said
    assert not Provider.objects.exists()


def test_only_what_differs_is_shown(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    said = apply_text(tmp_path, with_('"1.35"', '"1.40"').replace("devices = 2", "devices = 5"))
    assert said.splitlines() == [
        "~ price c1/a100: per_device_hour: 1.35 → 1.4",
        "~ reserve c1/a100/chat/warm: devices: 2 → 5",
        "applied: 2 changed",
    ]
    assert Reserve.objects.get().devices == 5


def test_a_rule_that_leaves_the_file_is_removed(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    rule = '[[tenant_rule]]\nkind = "team"\npattern = "cards"\ntenant = "Cards"\n'
    assert "- tenant_rule team/cards" in apply_text(tmp_path, with_(rule, ""))
    assert not TenantRule.objects.exists()


def test_inventory_that_leaves_the_file_stays_and_is_used_no_more(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    bare = '[organization]\nname = "Example"\ncurrency = "USD"\n'
    said = apply_text(tmp_path, bare)
    assert "o pool c1/a100" in said
    assert "o source metrics" in said
    assert "  cluster c1 is not in the file; kept" in said
    assert Pool.objects.get().nodes == []
    assert not Source.objects.get().active
    assert Cluster.objects.exists()
    assert Service.objects.exists()
    assert not any(kind.objects.exists() for kind in (Price, PriceBook, Reserve, ServiceRule, TenantRule))
    assert apply_text(tmp_path, bare).endswith(NOTHING)
    assert "~ source metrics: active: false → true" in apply_text(tmp_path, FLEET)
    assert Pool.objects.get().nodes == ["n*"]


def test_a_span_can_be_cut_short_for_its_successor(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    successor = (
        '[[price_book.price]]\ncluster = "c1"\npool = "a100"\nper_device_hour = "1.2"\nfrom = 2026-03-01\n'
    )
    cut = with_('per_device_hour = "1.35"\n', 'per_device_hour = "1.35"\nto = 2026-03-01\n')
    # The successor stands first: the order in the file must not matter.
    text = cut.replace("[[price_book.price]]", successor + "[[price_book.price]]", 1)
    said = apply_text(tmp_path, text)
    assert "~ price c1/a100 from the beginning to 2026-03-01T00:00Z: end: – → 2026-03-01T00:00Z" in said
    assert "+ price c1/a100 from 2026-03-01T00:00Z" in said
    assert apply_text(tmp_path, text) == NOTHING
    assert "removed" in apply_text(tmp_path, FLEET)
    assert Price.objects.get().valid.upper is None


def test_a_price_may_move_to_another_book(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    text = with_('[[price_book]]\nname = "list"', '[[price_book]]\nname = "other"')
    assert '~ price c1/a100: book: "list" → "other"' in apply_text(tmp_path, text)
    assert PriceBook.objects.get().name == "other"


def test_a_child_may_stand_before_its_parent(tmp_path: Path) -> None:
    child = '[[tenant]]\nname = "Team"\nparent = "Cards"\n'
    apply_text(tmp_path, with_('[[tenant]]\nname = "Bank"', child + '[[tenant]]\nname = "Bank"'))
    bank, cards, team = (Tenant.objects.get(name=name) for name in ("Bank", "Cards", "Team"))
    assert team.path == f"/{bank.pk}/{cards.pk}/{team.pk}/"


def test_a_tenant_that_moves_takes_those_below_it_along(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    cards = Tenant.objects.get(name="Cards")
    (found,) = create_tenants([("found", cards.pk)]).values()
    apply_text(tmp_path, with_('name = "Cards"\nparent = "Bank"', 'name = "Cards"'))
    assert Tenant.objects.get(pk=found).path == f"/{cards.pk}/{found}/"


def test_a_tenant_that_was_found_can_be_declared(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    (found,) = create_tenants([("newcomer", Tenant.objects.get(name="Bank").pk)]).values()
    assert apply_text(tmp_path, FLEET) == NOTHING
    declared = FLEET + '[[tenant]]\nname = "newcomer"\nparent = "Cards"\nowner = "Lena"\n'
    assert "+ tenant newcomer" in apply_text(tmp_path, declared)
    tenant = Tenant.objects.get(pk=found)
    assert (tenant.parent and tenant.parent.name, tenant.owner, tenant.found) == ("Cards", "Lena", False)
    assert apply_text(tmp_path, declared) == NOTHING


def test_a_declared_node_may_be_known_already(tmp_path: Path) -> None:
    apply_text(tmp_path, FLEET)
    (seen,) = intern_nodes(Cluster.objects.get().pk, ["n1"])
    declared = with_('nodes = ["n*"]', 'nodes = ["n*"]\ndeclared_nodes = ["n1", "n2"]')
    apply_text(tmp_path, declared)
    assert list(Node.objects.order_by("name").values_list("name", "declared")) == [("n1", True), ("n2", True)]
    assert apply_text(tmp_path, declared) == NOTHING
    apply_text(tmp_path, FLEET)
    assert not Node.objects.get(pk=seen).declared


def test_models_of_a_service_are_releases(tmp_path: Path) -> None:
    model = '[[service.model]]\nname = "llama"\nversion = "1"\nartifact_digest = "sha256:00"\n'
    text = with_("[[reserve]]", model + "[[reserve]]")
    apply_text(tmp_path, text)
    release = ModelRelease.objects.get()
    assert (release.model.name, release.version, release.service and release.service.name) == (
        "llama",
        "1",
        "chat",
    )
    assert apply_text(tmp_path, text) == NOTHING


def test_a_source_with_facts_keeps_its_cluster(tmp_path: Path) -> None:
    other = '[[cluster]]\nname = "c2"\nprovider = "cloud"\nregion = "eu-1"\ncontrol_model = "hybrid"\n'
    apply_text(tmp_path, FLEET)
    moved = with_('kind = "openmetrics"\ncluster = "c1"', 'kind = "openmetrics"\ncluster = "c2"')
    moved = moved.replace("[[pool]]", other + "[[pool]]")
    FeedHour.objects.create(source=Source.objects.get(), hour="2026-03-04T10:00Z", status="complete")
    with pytest.raises(CommandError, match=r'source "metrics": cluster: expected "c1", where its facts are'):
        apply_text(tmp_path, moved)
    assert not Cluster.objects.filter(name="c2").exists()
    FeedHour.objects.all().delete()
    assert '~ source metrics: cluster: "c1" → "c2"' in apply_text(tmp_path, moved)


def test_an_own_signal_file_is_found_beside_the_fleet_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('title = "own"\n[[signal]]\nfact = "pending"\nmetric = "queue"\n')
    apply_text(tmp_path, with_('["dcgm"]', '["dcgm", "own.toml"]'))
    assert Connection.objects.get().signals == ["dcgm", str(tmp_path / "own.toml")]
