from django.urls import path

from portal.reconciliation.views import reconciliation_page

urlpatterns = [path("", reconciliation_page, name="reconciliation")]
