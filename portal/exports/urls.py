from django.urls import path, re_path

from portal.exports import docs, views
from portal.exports.questions import QUESTIONS

app_name = "api"
urlpatterns = [
    *(path(question.name, views.view_of(question), name=question.name) for question in QUESTIONS),
    path("schema", docs.schema, name="schema"),
    path("docs", docs.docs, name="docs"),
    re_path("", views.unknown_address),
]
