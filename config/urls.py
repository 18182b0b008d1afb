"""The address book: each shell hangs under its own prefix."""

from django.conf import settings
from django.urls import include, path

from safegrid.api.urls import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("m/", include("safegrid.field.web")),
    path("", include("safegrid.console.urls")),
]
if settings.OIDC_ENABLED:
    urlpatterns.append(path("oidc/", include("mozilla_django_oidc.urls")))

handler400 = "safegrid.console.errors.bad_request"
handler403 = "safegrid.console.errors.forbidden"
handler404 = "safegrid.console.errors.not_found"
handler500 = "safegrid.console.errors.server_error"
