from django.urls import path

from portal.periods import api

app_name = "periods-api"
urlpatterns = [path("periods", api.PeriodsView.as_view(), name="periods")]
