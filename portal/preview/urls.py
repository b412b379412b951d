from django.urls import path

from portal.preview import views

app_name = "preview-api"
urlpatterns = [path("preview", views.PreviewView.as_view(), name="preview")]
