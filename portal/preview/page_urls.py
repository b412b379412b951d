from django.urls import path

from portal.preview.page import preview_page

urlpatterns = [path("", preview_page, name="preview")]
