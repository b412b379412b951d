from django.urls import path

from portal.saved_views import views

urlpatterns = [
    path("", views.saved_views, name="saved-views"),
    path("save/", views.save_view, name="save-view"),
    path("<int:pk>/remove/", views.remove_view, name="remove-view"),
]
