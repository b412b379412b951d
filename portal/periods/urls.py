from django.urls import path

from portal.periods.views import period_page, periods_page

urlpatterns = [
    path("", periods_page, name="periods"),
    path("<str:month>/", period_page, name="period"),
]
