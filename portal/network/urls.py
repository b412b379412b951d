from django.urls import path

from portal.network.views import network_page

urlpatterns = [path("", network_page, name="network")]
