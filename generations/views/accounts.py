"""Coming in: sign-in, sign-up, and passwords."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations import browsers, throttle
from generations.forms.accounts import NewPasswordForm, ResetForm, SignInForm, SignUpForm
from generations.forms.slowed import Slowed
from generations.services.account import ask_to_confirm, end_sessions
from generations.sessions import digest_of

CONFIRM = "A letter is on its way to {}. The address counts once you have used its link."


class SignIn(auth.LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if not browsers.known_as(self.request, form.name):
            browsers.remember(response, form.name)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(super().form_invalid(form), form)


class ChangePassword(auth.PasswordChangeView):
    form_class = NewPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever signed in with the old one is signed out."""
        response = super().form_valid(form)
        end_sessions(form.user, but=digest_of(self.request.session.session_key or ""))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(super().form_invalid(form), form)


class NewPassword(auth.PasswordResetConfirmView):
    def form_valid(self, form: Any) -> HttpResponse:
        """The letter proved who it is: nobody else stays in, and earlier guesses don't count."""
        response = super().form_valid(form)
        end_sessions(form.user)
        throttle.forgive(throttle.of_sign_in(form.user.username))
        return response


class AskForReset(auth.PasswordResetView):
    form_class = ResetForm
    email_template_name = "registration/password_reset_email.txt"
    extra_email_context = {"public_url": settings.PUBLIC_URL}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(super().form_invalid(form), form)


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponseBase:
    """Make an account, where that is open; then one is signed in."""
    if not settings.SIGNUP_OPEN:
        raise Http404
    if request.user.is_authenticated:
        return redirect("gallery")
    form = SignUpForm(request.POST or None, request=request)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        page = render(request, "registration/signup.html", {"form": form}, status=status)
        return refused(page, form)
    login(request, user := form.save(), backend="django.contrib.auth.backends.ModelBackend")
    if address := form.cleaned_data["email"]:
        ask_to_confirm(user, address)
        messages.success(request, CONFIRM.format(address))
    return redirect("gallery")


def refused(page: HttpResponse, form: BaseForm) -> HttpResponse:
    """A page with its form again; 429 if that was sent too often."""
    if isinstance(form, Slowed) and form.wait_seconds:
        page.status_code = 429
        page.headers["Retry-After"] = str(form.wait_seconds)
    return page
