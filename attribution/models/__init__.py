"""What is declared and what was seen, one noun a file.

Facts and the ledger itself have no classes: they move by binary COPY and named SQL
(`migrations/sql/0002_facts.sql`, `0003_ledger.sql`).
"""

from attribution.models.bill import Bill, BillTotal
from attribution.models.cluster import Cluster, ControlModel
from attribution.models.compatibility_rule import CompatibilityRule
from attribution.models.device import Device
from attribution.models.distribution_rule import DistributionRule, Method
from attribution.models.entitlement import Entitlement
from attribution.models.exchange_rate import ExchangeRate
from attribution.models.holder import Holder
from attribution.models.label import Label, LabelKind
from attribution.models.model_release import ModelRelease
from attribution.models.node import Node
from attribution.models.organization import Organization
from attribution.models.pool import Pool, Sharing
from attribution.models.price import Price, PriceBook
from attribution.models.provider import Provider
from attribution.models.region import Region
from attribution.models.reserve import Reserve, ReserveKind
from attribution.models.residency import Residency
from attribution.models.residency_rule import ResidencyRule
from attribution.models.served_model import ServedModel
from attribution.models.service import Service
from attribution.models.service_rule import ServiceRule, ServiceRuleKind
from attribution.models.source import Source, SourceKind
from attribution.models.tenant import Tenant
from attribution.models.tenant_rule import TenantRule
from attribution.models.token_coefficients import FitState, TokenCoefficients
from attribution.models.window import Window

__all__ = [
    "Bill",
    "BillTotal",
    "Cluster",
    "CompatibilityRule",
    "ControlModel",
    "Device",
    "DistributionRule",
    "Entitlement",
    "ExchangeRate",
    "FitState",
    "Holder",
    "Label",
    "LabelKind",
    "Method",
    "ModelRelease",
    "Node",
    "Organization",
    "Pool",
    "Price",
    "PriceBook",
    "Provider",
    "Region",
    "Reserve",
    "ReserveKind",
    "Residency",
    "ResidencyRule",
    "ServedModel",
    "Service",
    "ServiceRule",
    "ServiceRuleKind",
    "Sharing",
    "Source",
    "SourceKind",
    "Tenant",
    "TenantRule",
    "TokenCoefficients",
    "Window",
]
