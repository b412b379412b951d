from django.urls import path

from portal.costs.views import overview_page

urlpatterns = [path("", overview_page, name="overview")]
