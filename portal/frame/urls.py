from django.urls import path

from portal.frame.appearance import choose_appearance

urlpatterns = [
    path("appearance/", choose_appearance, name="appearance"),
]
