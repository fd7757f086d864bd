"""The views of the tests' Django project."""

from django.http import HttpRequest, JsonResponse
from django.urls import path


def show(request: HttpRequest) -> JsonResponse:
    return JsonResponse({**request.session})


def change(request: HttpRequest) -> JsonResponse:
    request.session[request.GET["name"]] = request.GET["value"]
    return JsonResponse({})


def append(request: HttpRequest) -> JsonResponse:
    request.session.setdefault("list", []).append(request.GET["value"])
    request.session.modified = True
    return JsonResponse({})


def remove(request: HttpRequest) -> JsonResponse:
    del request.session[request.GET["name"]]
    return JsonResponse({})


def login(request: HttpRequest) -> JsonResponse:
    request.session.cycle_key()  # as django.contrib.auth.login does
    request.session["user"] = "a"
    return JsonResponse({})


def logout(request: HttpRequest) -> JsonResponse:
    request.session.flush()
    return JsonResponse({})


urlpatterns = [path(view.__name__, view) for view in (show, change, append, remove, login, logout)]
