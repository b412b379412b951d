from django.urls import path

from portal.periods.views import export_period, period_page, periods_page

urlpatterns = [
    path("", periods_page, name="periods"),
    path("<str:month>/", period_page, name="period"),
    path("<str:month>/export/", export_period, name="export-period"),
]
