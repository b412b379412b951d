from django.contrib.auth import views as auth
from django.urls import path

from portal.frame.appearance import choose_appearance

urlpatterns = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("appearance/", choose_appearance, name="appearance"),
]
