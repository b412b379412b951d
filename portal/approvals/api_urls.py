from django.urls import path

from portal.approvals import api

app_name = "approvals-api"
urlpatterns = [
    path("changes", api.FeedView.as_view(), name="changes"),
    path("changes/<int:pk>/ack", api.AckView.as_view(), name="ack"),
    path("change-requests", api.RequestsView.as_view(), name="requests"),
    path("change-requests/<int:pk>", api.RequestView.as_view(), name="request"),
    path("change-requests/<int:pk>/decide", api.DecideView.as_view(), name="decide"),
]
