from django.urls import path

from portal.explain.hour_view import hour_page
from portal.explain.views import explain_page

urlpatterns = [
    path("", explain_page, name="explain"),
    path("hour/", hour_page, name="explain-hour"),
]
