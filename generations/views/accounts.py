"""Coming in: sign-in, sign-up, and passwords."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from generations import browsers, policy, throttle
from generations.forms.accounts import NewPasswordForm, ResetForm, SignInForm, SignUpForm
from generations.forms.second_factor import SignInCodeForm
from generations.forms.slowed import Slowed
from generations.models import User
from generations.services.account import ask_to_confirm, end_sessions
from generations.sessions import digest_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
CODE_WITHIN = timedelta(minutes=10)  # after the password
_WAITS = "waits for code"
CONFIRM = "A letter is on its way to {}. The address counts once you have used its link."


class SignIn(auth.LoginView):
    """Whoever has a second factor is let in by the page after this one."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        if policy.second_factor_of(form.get_user()):
            _wait_for_code(self.request, form.get_user())
            query = urlencode({"next": self.get_redirect_url()})
            return redirect(f"{reverse('sign_in_code')}?{query}")
        response = super().form_valid(form)
        _know_again(self.request, response, form.name)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(super().form_invalid(form), form)


@method_decorator([login_not_required, sensitive_post_parameters(), never_cache], name="dispatch")
class SignInCode(auth.RedirectURLMixin, FormView):
    """The second step: a code, from who gave the right password a moment ago."""

    form_class = SignInCodeForm
    template_name = "registration/code.html"
    next_page = settings.LOGIN_REDIRECT_URL
    person: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())  # never the name of a page
        person = _waits_for_code(request)
        if person is None:
            return redirect("login")
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.person, "request": self.request}

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(**more) | {"next": self.get_redirect_url()}

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session.pop(_WAITS, None)
        login(self.request, self.person, backend=BACKEND)
        response = super().form_valid(form)
        _know_again(self.request, response, throttle.folded(self.person.username))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return refused(super().form_invalid(form), form)


def _wait_for_code(request: HttpRequest, person: User) -> None:
    until = (timezone.now() + CODE_WITHIN).timestamp()
    request.session[_WAITS] = [person.pk, person.get_session_auth_hash(), until]


def _waits_for_code(request: HttpRequest) -> User | None:
    """Who gave the right password in this browser, while that is still theirs."""
    pk, signed, until = request.session.get(_WAITS) or (0, "", 0)
    person = User.objects.filter(pk=pk, is_active=True).first()
    if person is None or until < timezone.now().timestamp():
        return None
    return person if constant_time_compare(signed, person.get_session_auth_hash()) else None


def _know_again(request: HttpRequest, response: HttpResponse, name: str) -> None:
    if not browsers.known_as(request, name):
        browsers.remember(response, name)


@login_not_required
def sign_in_to_admin(request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
    """One door for everybody: the operator's pages have none of their own."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise Http404
    wanted = request.GET.get("next", reverse("admin:index"))
    return redirect(f"{reverse('login')}?{urlencode({'next': wanted})}")


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
    login(request, user := form.save(), backend=BACKEND)
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
