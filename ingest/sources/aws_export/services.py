"""FOCUS's service category of AWS's products. Source: FOCUS 1.2 appendix and AWS product codes (2026-06)."""

_CATEGORIES = {
    "AI and Machine Learning": ("AmazonBedrock", "AmazonBedrockService", "AmazonSageMaker"),
    "Compute": ("AmazonEC2", "AmazonECS", "AmazonEKS", "AWSLambda", "ComputeSavingsPlans"),
    "Databases": ("AmazonRDS", "AmazonDynamoDB", "AmazonElastiCache"),
    "Management and Governance": ("AmazonCloudWatch", "AWSCloudTrail", "AWSConfig"),
    "Networking": ("AmazonVPC", "AmazonCloudFront", "AWSELB", "AWSDirectConnect", "AmazonRoute53"),
    "Storage": ("AmazonS3", "AmazonEFS", "AmazonFSx", "AmazonGlacier", "AWSBackup"),
}
_OF_PRODUCT = {code: category for category, codes in _CATEGORIES.items() for code in codes}
# EC2 bills volumes and gateways too.
_OF_FAMILY = {"Storage": "Storage", "Storage Snapshot": "Storage", "NAT Gateway": "Networking"}


def category_of(product_code: str | None, family: str | None) -> str | None:
    """The service category, None where the table has none."""
    return _OF_FAMILY.get(family or "") or _OF_PRODUCT.get(product_code or "")
