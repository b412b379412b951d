"""Parameters of evidence about one hour of one cluster. It is everybody's: no tenant's reader may ask."""

from datetime import datetime

from attribution.domain.hours import floor_hour
from attribution.queries.explain.versions import version_of
from attribution.queries.names import names_of
from attribution.queries.organization import organization
from portal.accounts.permissions import Permission
from portal.accounts.viewer import Viewer
from portal.explain.parameters import PAGING, number_of, once, refuse_unknown, rows_at_once
from portal.exports.errors import BadParameter, NotAllowed
from portal.exports.parameters import Texts, moment_of

HOUR = ("cluster", "hour", "version")
MINUTES = ("cluster", "hour", *PAGING)


def asking_hour(
    texts: Texts, viewer: Viewer, known: tuple[str, ...], permission: Permission = Permission.COSTS
) -> tuple[int, datetime, int]:
    """Cluster, hour and version; cluster 0 (the empty name) is what belongs to none."""
    if not viewer.may(permission) or viewer.scope(permission).bound:
        raise NotAllowed("the hours of a cluster")
    refuse_unknown(texts, known)
    hour = floor_hour(moment_of(texts, "hour", organization().zone))
    name = once(texts, "cluster") or ""
    found = {full: pk for pk, full in names_of("cluster").items()} | {"": 0}
    if name not in found:
        raise BadParameter("is no cluster", "cluster", name, sorted(found))
    version = version_of(found[name], hour, number_of(texts, "version"))
    if version is None:
        raise BadParameter(
            "has no such version of this cluster", "hour", once(texts, "hour"), ("an attributed hour",)
        )
    return found[name], hour, version


def device_paging(texts: Texts) -> tuple[int, int]:
    """The device id behind which a page starts, and how many devices it has."""
    return number_of(texts, "after") or 0, rows_at_once(texts)
