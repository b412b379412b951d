from django.urls import path

from portal.approvals import away, editing, views

urlpatterns = [
    path("", views.inbox, name="approvals"),
    path("away/", away.away, name="away"),
    path("away/<int:pk>/end/", away.end_away, name="end-away"),
    path("new/<slug:kind>/", views.new_change, name="new-change"),
    path("<int:pk>/", views.change_page, name="change"),
    path("<int:pk>/edit/", editing.edit, name="edit-change"),
    path("<int:pk>/submit/", views.submit, name="submit-change"),
    path("<int:pk>/decide/", views.decide, name="decide-change"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw-change"),
    path("<int:pk>/comment/", views.comment, name="comment-change"),
    path("<int:pk>/roll-back/", views.roll_back, name="roll-back-change"),
    path("<slug:tab>/", views.inbox, name="approvals-tab"),
]
