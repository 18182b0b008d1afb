# Shared by the scripts in tools/: sourced, never run.
# Sets ROOT (the checkout) and gives say, die, as_root and debian_provide.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS="$ROOT/.tools"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }

die() {
    printf '\n\033[1;31m!!! %s\033[0m\n\n' "$*" >&2
    exit 1
}

as_root() { [ "$(id -u)" -eq 0 ]; }

# debian_provide PACKAGE...: installed into the system when root, unpacked under .tools/debian when not.
debian_provide() {
    command -v apt-get >/dev/null || die "缺少软件包 $*，本机没有 apt-get，请手工安装 / missing: $* (no apt-get here, install by hand)"
    if as_root; then
        say "installing Debian packages: $*"
        # Package lists of a fresh image are empty or stale; an update that fails is reported by the install.
        apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
        local log
        log=$(mktemp)
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 </dev/null || {
            cat "$log" >&2
            die "apt-get install $* failed"
        }
        rm -f "$log"
    else
        debian_unpack "$@"
    fi
}

# Without root nothing can be installed, but Debian packages can be fetched and unpacked into a folder of one's own.
debian_unpack() {
    local apt="$TOOLS/apt" root="$TOOLS/debian" names
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs" "$root"
    local options=(-qq -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Debug::NoLocking=1
        -o APT::Sandbox::User= -o APT::Update::Post-Invoke= -o APT::Update::Post-Invoke-Success=)
    say "not root: fetching Debian packages into .tools/debian: $*"
    apt-get "${options[@]}" update >&2 || die "apt-get update failed; as root: apt-get install $*"
    names=$(apt-get "${options[@]}" -s --no-install-recommends install "$@" | awk '$1 == "Inst" { print $2 }') ||
        die "apt-get finds no way to install $*; as root: apt-get install $*"
    (
        cd "$apt/debs"
        # Word splitting is meant: one package per word.
        # shellcheck disable=SC2086
        apt-get "${options[@]}" download $names >&2 || die "download failed; as root: apt-get install $*"
        for deb in ./*.deb; do dpkg -x "$deb" "$root"; done
        rm -f ./*.deb
    )
}

# The libraries of unpacked packages, for LD_LIBRARY_PATH; empty when nothing was unpacked.
debian_libraries() {
    [ -d "$TOOLS/debian/usr/lib" ] || return 0
    local triple
    triple=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
    # Some packages keep theirs one folder down (pulseaudio, ...).
    find "$TOOLS/debian/usr/lib/$triple" "$TOOLS/debian/lib/$triple" -maxdepth 2 -name 'lib*.so*' -printf '%h\n' 2>/dev/null |
        sort -u | paste -sd: || true # one of the two folders may not exist
}
