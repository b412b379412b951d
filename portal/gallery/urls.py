from django.urls import path

from portal.gallery.views import gallery

urlpatterns = [path("", gallery, name="gallery")]
