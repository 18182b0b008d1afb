#!/usr/bin/env bash
# The demo county: database, data, assets, then web server, worker and sequencer in one process group.
# Safe to run again: what is there is kept. Started by `make demo`, stopped by Ctrl-C. Arguments go to `manage.py run`.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

# Everything below runs with the local keys; this script calls itself once to get them.
[ -n "${SAFEGRID_SECRET_KEY:-}" ] && [ -n "${SAFEGRID_DATA_KEY:-}" ] || exec tools/with_env.sh "$0" "$@"

STATE=var/demo
MANAGE=(.venv/bin/python manage.py)
export DATABASE_URL=${DATABASE_URL:-sqlite:///var/safegrid.sqlite3}
mkdir -p "$STATE"

# Steps that need not run again are remembered by the fingerprint of what they depend on.
once() {
    local name=$1 fingerprint=$2
    shift 2
    [ "$(cat "$STATE/$name" 2>/dev/null)" != "$fingerprint" ] || return 0
    "$@" || die "$name failed"
    printf '%s' "$fingerprint" >"$STATE/$name"
}

database_identity() {
    case $DATABASE_URL in
    sqlite:///var/safegrid.sqlite3) stat -c %i-%W var/safegrid.sqlite3 2>/dev/null || echo new ;;
    *) date +%s%N ;; # not ours: its state is asked every time
    esac
}
of_files() { find "$@" -type f -printf '%p %s %T@\n' 2>/dev/null | sort | sha256sum | cut -c1-16; }
migrations() { find safegrid .venv/lib/python3*/site-packages -path '*/migrations/*.py' -printf '%p %s\n' | sort | sha256sum | cut -c1-16; }

static_files() {
    say "static files"
    "${MANAGE[@]}" collectstatic --noinput --clear -v 0
}
migrate() {
    say "database: $(sed -E 's#//[^@/]*@#//…@#' <<<"$DATABASE_URL")"
    "${MANAGE[@]}" migrate --noinput -v 1
}
load() {
    say "demo county"
    # Progress goes to stderr; what it prints are the accounts, shown again at every later start.
    "${MANAGE[@]}" load_demo | tee "$STATE/accounts.txt"
}

once static "$(of_files safegrid/*/static requirements.lock)" static_files
once migrated "$(migrations) $(database_identity)" migrate
if [ "$(cat "$STATE/loaded" 2>/dev/null)" = "$(database_identity)" ] && [ -s "$STATE/accounts.txt" ]; then
    cat "$STATE/accounts.txt"
else
    load || die "load_demo failed"
fi
# The first run fingerprints a database that did not exist yet; note the one it made.
printf '%s' "$(migrations) $(database_identity)" >"$STATE/migrated"
printf '%s' "$(database_identity)" >"$STATE/loaded"

if [ "${SAFEGRID_SECOND_FACTOR:-}" = off ]; then
    say "演示环境关闭了第二因素登录，只能本机演示，不得用于正式数据 / demo: second factor off, never use with real data"
fi
exec "${MANAGE[@]}" run "$@"
