#!/usr/bin/env bash
# Run a command with this checkout's local settings: keys made once into var/demo.env, for a machine of one's own.
# Whatever the environment already sets wins. An installation for use sets its own keys and never comes here.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

ENV_FILE=var/demo.env

make_keys() {
    mkdir -p var
    local draft="$ENV_FILE.$$"
    (
        umask 077
        .venv/bin/python - >"$draft" <<'PY'
import secrets

print(f"SAFEGRID_SECRET_KEY={secrets.token_urlsafe(48)}")
print(f"SAFEGRID_DATA_KEY={secrets.token_hex(32)}")
print("SAFEGRID_HTTPS=off")
print("SAFEGRID_SECOND_FACTOR=off")
PY
    )
    # A hard link fails when somebody else was first: two starts at once still share one set of keys.
    ln "$draft" "$ENV_FILE" 2>/dev/null || true
    rm -f "$draft"
}

[ -s "$ENV_FILE" ] || make_keys
while IFS='=' read -r name value; do
    [ -n "$name" ] && [ -z "${!name+set}" ] && export "$name=$value"
done <"$ENV_FILE"

exec "$@"
