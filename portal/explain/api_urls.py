from django.urls import path

from portal.explain import api

app_name = "explain-api"
urlpatterns = [
    path("explain", api.ExplainView.as_view(), name="explain"),
    path("explain/pools", api.PoolsView.as_view(), name="pools"),
    path("explain/lines", api.LinesView.as_view(), name="lines"),
    path("explain/hour", api.HourView.as_view(), name="hour"),
    path("explain/minutes", api.MinutesView.as_view(), name="minutes"),
    path("explain/bill-rows", api.BillRowsView.as_view(), name="bill-rows"),
    path("explain/changes", api.ChangesView.as_view(), name="changes"),
]
