# shellcheck shell=bash
# What is missing comes from Debian's packages; nothing is asked, everything is said.
# Needs process.sh.

# Whether this user can install packages, and with what prefix (empty for root).
may_install() {
    command -v apt-get >/dev/null || return 1
    if ((EUID == 0)); then
        INSTALL_AS=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        INSTALL_AS=(sudo -n)
    else
        return 1
    fi
}

# Installs the packages named, or says what to run and stops.
install_packages() {
    local command="apt-get install -y --no-install-recommends $*"
    if ! may_install; then
        fail "Missing Debian packages: $*" "They cannot be installed from here. Run this, then try again:" \
            "    sudo apt-get update && sudo $command"
    fi
    say "Installing Debian packages: $*"
    local log policy=/usr/sbin/policy-rc.d made_policy=''
    log=$(mktemp)
    # Debian starts what it installs, on default ports. Ours are private; unless the machine has its own policy,
    # this one keeps the new services from starting now. It is removed again right after.
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | "${INSTALL_AS[@]}" tee "$policy" >/dev/null
        "${INSTALL_AS[@]}" chmod 755 "$policy"
        made_policy=yes
    fi
    local status=0
    apt_get install -y --no-install-recommends "$@" >"$log" 2>&1 ||
        { apt_get update >>"$log" 2>&1 && apt_get install -y --no-install-recommends "$@" >>"$log" 2>&1; } ||
        status=$?
    [[ -z $made_policy ]] || "${INSTALL_AS[@]}" rm -f "$policy"
    if ((status != 0)); then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "Installing failed; the lines above are apt's. By hand: apt-get update && $command"
    fi
    rm -f "$log"
}

apt_get() {
    "${INSTALL_AS[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
        apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}
