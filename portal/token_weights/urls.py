from django.urls import path

from portal.token_weights.views import token_weights_page

urlpatterns = [path("", token_weights_page, name="token-weights")]
