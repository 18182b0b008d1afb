#!/usr/bin/env bash
# The whole suite twice: on SQLite, then on PostgreSQL. Arguments go to pytest.
#
# PostgreSQL is the server of DATABASE_URL when that names one, else a throwaway one from Debian's packages.
# A half that cannot run is a failure, never a skip. Logs: var/test-sqlite.log, var/test-postgres.log.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
mkdir -p var

PYTEST=("$ROOT/.venv/bin/pytest" -n "${TEST_PROCESSES:-2}" "$@")
given=${DATABASE_URL:-}
cluster=

cleanup() {
    trap '' INT TERM # a second Ctrl-C must not leave a server behind
    [ -n "$cluster" ] || return 0
    tools/postgres.sh stop "$cluster" || true
    rm -rf "$cluster"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

SAFEGRID_CHROMIUM=$(tools/browser.sh)
export SAFEGRID_CHROMIUM

# half NAME URL: run the suite there; the outcome is kept for the end.
outcome=()
failed=0
half() {
    local name=$1 url=$2 log="var/test-$1.log" status=0
    say "test suite on $name"
    DATABASE_URL=$url "${PYTEST[@]}" 2>&1 </dev/null | tee "$log" || status=$?
    [ "$status" -eq 0 ] || failed=1
    outcome+=("$name: $(grep -E '(passed|failed|error|no tests ran)' "$log" | tail -1 | tr -d '=' || true) (exit $status)")
}

half sqlite "sqlite:///$ROOT/var/test.sqlite3"
case $given in
postgres://* | postgresql://*) half postgres "$given" ;;
*)
    # Under /tmp, not in the checkout: the postgres user need not be able to read the checkout.
    cluster=$(mktemp -d "${TMPDIR:-/tmp}/safegrid-postgres.XXXXXX")
    if url=$(PYTHON="$ROOT/.venv/bin/python" tools/postgres.sh start "$cluster" --throwaway); then
        half postgres "$url"
    else
        failed=1
        outcome+=("postgres: NOT RUN - no PostgreSQL server could be started; this is a failure")
    fi
    ;;
esac

say "results"
printf '%s\n' "${outcome[@]}"
[ "$failed" -eq 0 ] || die "make test failed"
