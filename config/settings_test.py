"""Settings of the test suite: fast hashing, fixed keys, an in-process queue, either database by DATABASE_URL."""

import os
import tempfile

os.environ.setdefault("SAFEGRID_SECRET_KEY", "test-only")
os.environ.setdefault("SAFEGRID_DATA_KEY", "00" * 32)
os.environ.setdefault("SAFEGRID_HTTPS", "off")
os.environ.setdefault("SAFEGRID_VAR_DIR", tempfile.mkdtemp(prefix="safegrid-test-"))

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
SECOND_FACTOR = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": os.environ.get("SAFEGRID_TEST_SQLITE", ":memory:")}
