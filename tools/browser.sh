#!/usr/bin/env bash
# Print the path of a Chromium for the browser tests, with Chinese fonts; fetch Debian's when there is none.
source "$(dirname "$0")/lib.sh"

WRAPPER="$TOOLS/bin/chromium"

find_chromium() {
    local name
    for name in "${SAFEGRID_CHROMIUM:-}" chromium chromium-browser "$WRAPPER"; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

has_chinese_font() {
    [ -n "$(ls "$TOOLS"/debian/usr/share/fonts/opentype/noto/*CJK* 2>/dev/null)" ] && return 0
    command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -1)" ]
}

# An unpacked Chromium needs its libraries and fonts named; an installed one does not.
write_wrapper() {
    [ -x "$TOOLS/debian/usr/lib/chromium/chromium" ] || return 0
    mkdir -p "$TOOLS/bin"
    cat >"$TOOLS/bin/fonts.conf" <<XML
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$TOOLS/debian/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>$TOOLS/bin/fontcache</cachedir>
</fontconfig>
XML
    cat >"$WRAPPER" <<SH
#!/bin/sh
export LD_LIBRARY_PATH="$(debian_libraries)"
export FONTCONFIG_FILE="$TOOLS/bin/fonts.conf"
exec "$TOOLS/debian/usr/lib/chromium/chromium" "\$@"
SH
    chmod +x "$WRAPPER"
}

wanted=()
find_chromium >/dev/null || wanted+=(chromium)
has_chinese_font || wanted+=(fonts-noto-cjk)
if [ ${#wanted[@]} -gt 0 ]; then
    debian_provide "${wanted[@]}"
    as_root || write_wrapper
fi
find_chromium || die "no Chromium for the browser tests; as root: apt-get install chromium fonts-noto-cjk"
