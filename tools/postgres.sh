#!/usr/bin/env bash
# A PostgreSQL server of our own, from Debian's packages, never the machine's.
#
#   tools/postgres.sh start DIR [--throwaway]   start (create if needed) the cluster in DIR; prints its URL
#   tools/postgres.sh stop DIR                  stop it; a throwaway cluster is removed
#   tools/postgres.sh url DIR                   print the URL of a running cluster
#
# A throwaway cluster (tests) runs without fsync; any other keeps PostgreSQL's safe defaults.
# initdb refuses root, so under root the server runs as the postgres user that Debian's package creates.
source "$(dirname "$0")/lib.sh"

MINIMUM=15
DATABASE=safegrid

find_binaries() {
    local dir
    for dir in $(ls -d /usr/lib/postgresql/*/bin "$TOOLS"/debian/usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr); do
        [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] || continue
        case $dir in "$TOOLS"/*) LD_LIBRARY_PATH=$(debian_libraries) && export LD_LIBRARY_PATH ;; esac
        [ "$("$dir/postgres" --version | grep -oE '[0-9]+' | head -1)" -ge "$MINIMUM" ] || continue
        BIN=$dir
        return 0
    done
    return 1
}

require_binaries() {
    find_binaries && return
    debian_provide postgresql
    find_binaries || die "PostgreSQL $MINIMUM+ is needed and could not be had from Debian's packages; set DATABASE_URL to a server of yours"
}

# Run a server binary as a user that PostgreSQL accepts.
server() {
    if as_root; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

free_port() {
    "${PYTHON:-python3}" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

cluster_url() {
    local port
    port=$(sed -n 4p "$1/data/postmaster.pid" 2>/dev/null) && [ -n "$port" ] || return 1
    printf 'postgres://safegrid:%s@127.0.0.1:%s/%s\n' "$(cat "$1/password")" "$port" "$DATABASE"
}

running() { [ -e "$1/data/postmaster.pid" ] && server "$BIN/pg_ctl" -s -D "$1/data" status >/dev/null 2>&1; }

create() {
    local dir=$1
    mkdir -p "$dir"
    if as_root; then
        chown postgres: "$dir"
        server test -w "$dir" || die "the postgres user cannot reach $dir: open its parent folders (chmod a+x) or set DATABASE_URL"
    fi
    # A password, not "trust": other users of the machine can reach 127.0.0.1 too.
    "${PYTHON:-python3}" -c 'import secrets; print(secrets.token_urlsafe(18))' | server tee "$dir/password" >/dev/null
    server chmod 600 "$dir/password"
    server "$BIN/initdb" -D "$dir/data" -U safegrid --pwfile="$dir/password" -A scram-sha-256 \
        -E UTF8 --locale=C.UTF-8 >"${TMPDIR:-/tmp}/initdb.$$.log" 2>&1 || {
        cat "${TMPDIR:-/tmp}/initdb.$$.log" >&2
        die "initdb failed"
    }
    rm -f "${TMPDIR:-/tmp}/initdb.$$.log"
}

start() {
    local dir=$1 throwaway=${2:-} settings
    require_binaries
    if running "$dir"; then
        cluster_url "$dir"
        return
    fi
    [ -e "$dir/data/PG_VERSION" ] || create "$dir"
    settings="-c listen_addresses=127.0.0.1 -c port=$(free_port) -c unix_socket_directories= -c max_connections=200"
    if [ "$throwaway" = --throwaway ]; then
        server touch "$dir/throwaway"
        settings="$settings -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    fi
    server "$BIN/pg_ctl" -s -w -t 60 -D "$dir/data" -l "$dir/log" -o "$settings" start >&2 </dev/null || {
        server tail -20 "$dir/log" >&2 || true
        die "PostgreSQL did not start"
    }
    cluster_url "$dir" | {
        read -r url
        PGPASSWORD=$(cat "$dir/password") "$BIN/createdb" -h 127.0.0.1 -p "$(sed -n 4p "$dir/data/postmaster.pid")" \
            -U safegrid "$DATABASE" 2>/dev/null || true # it exists from the first start on
        echo "$url"
    }
}

stop() {
    local dir=$1
    find_binaries || return 0
    if running "$dir"; then server "$BIN/pg_ctl" -s -w -m fast -D "$dir/data" stop >&2 || true; fi
    if [ -e "$dir/throwaway" ]; then rm -rf "$dir"; fi
}

[ $# -ge 2 ] || die "usage: tools/postgres.sh start|stop|url DIR"
case $1 in
start) start "$2" "${3:-}" ;;
stop) stop "$2" ;;
url) cluster_url "$2" || die "no PostgreSQL runs in $2" ;;
*) die "unknown command $1" ;;
esac
