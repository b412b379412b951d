from django.urls import path

from portal.audit_log import views

urlpatterns = [
    path("", views.log_page, name="audit-log"),
    path("<int:number>/", views.event_page, name="audit-event"),
]
