"""Every address. One line a room; the rooms' own urls.py have the rest."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
