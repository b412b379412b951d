from django.urls import path

from portal.data_health.views import data_health_page

urlpatterns = [path("", data_health_page, name="data-health")]
