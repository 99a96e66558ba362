# Sourced: apt_install WHAT PACKAGE...  installs Debian packages as root, starting no service; else says what to install.

apt_install() {
    what=$1
    shift
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "$what is missing: install $* (on Debian: apt-get install $*), then run this again." >&2
        exit 1
    fi
    echo "Installing $* ..."
    # A package asks this file before it starts its service; 101 means no.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt_log=$(mktemp)
    if ! { apt-get install -q -y --no-install-recommends "$@" || { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; }; } > "$apt_log" 2>&1; then
        tail -5 "$apt_log" >&2
        exit 1
    fi
    rm -f "$apt_log"
}
