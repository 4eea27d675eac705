from django.contrib.auth import views as auth
from django.urls import include, path

from generations.views import accounts, gallery, generation, health, image, poll

signing_in = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("signup/", accounts.sign_up, name="signup"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("reset/", auth.PasswordResetView.as_view(), name="password_reset"),
    path("reset/done/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "reset/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "reset/complete/",
        auth.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
]

one_generation = [
    path("", generation.detail, name="generation"),
    path("cancel/", generation.cancel, name="cancel_generation"),
    path("run-again/", generation.again, name="run_again"),
    path("dismiss/", generation.dismiss, name="dismiss_tile"),
]

one_image = [
    path("", image.detail, name="image"),
    path("delete/", image.delete, name="delete_image"),
    path("<str:size>", image.file, name="image_file"),
]

urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("composer/", gallery.composer, name="composer"),
    path("poll/", poll.poll, name="poll"),
    path("generations/", generation.submit, name="submit_generation"),
    path("generations/<uuid:generation_id>/", include(one_generation)),
    path("images/<uuid:image_id>/", include(one_image)),
    path("accounts/", include(signing_in)),
    path("favicon.ico", health.favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
