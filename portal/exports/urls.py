from django.urls import path, re_path

from portal.exports import docs, views

app_name = "api"
urlpatterns = [
    path("costs", views.CostsView.as_view(), name="costs"),
    path("unit-costs", views.UnitCostsView.as_view(), name="unit-costs"),
    path("utilization", views.UtilizationView.as_view(), name="utilization"),
    path("reconciliation", views.ReconciliationView.as_view(), name="reconciliation"),
    path("engine-residuals", views.EngineResidualsView.as_view(), name="engine-residuals"),
    path("provider-residuals", views.ProviderResidualsView.as_view(), name="provider-residuals"),
    path("transfer-bytes", views.TransferBytesView.as_view(), name="transfer-bytes"),
    path("transfers", views.TransfersView.as_view(), name="transfers"),
    path("token-fits", views.TokenFitsView.as_view(), name="token-fits"),
    path("schema", docs.schema, name="schema"),
    path("docs", docs.docs, name="docs"),
    re_path("", views.unknown_address),
]
