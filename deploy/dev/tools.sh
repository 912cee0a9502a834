# shellcheck shell=bash
# What building and testing need besides the stores.
# Needs process.sh, packages.sh and profile.sh.

need_cargo() {
    command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH
    command -v cargo >/dev/null || fail "cargo is missing. Install Rust 1.95 or newer (https://rustup.rs), then try again."
}

# Only a C compiler: no libpq, OpenSSL, cmake or protoc.
install_missing_build_tools() {
    local missing=()
    command -v cc >/dev/null || missing+=(gcc libc6-dev)
    command -v curl >/dev/null || missing+=(curl ca-certificates)
    command -v setsid >/dev/null || missing+=(util-linux)
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

# The providers' own SDKs for Node and Python are run against the sandbox; tests install them under .dev/.
install_missing_test_tools() {
    local missing=() tools=$REPOSITORY/.dev/tools node
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
    command -v git >/dev/null || missing+=(git)
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
    node=node-linux-$([[ $(uname -m) == aarch64 ]] && echo arm64 || echo x64)
    PATH=$tools/bin:$tools/node_modules/$node/bin:$PATH
    if ! node_is_recent; then
        say "Installing Node 22 under .dev/tools, from npm's registry; Debian's is too old for the SDKs ..."
        npm install --loglevel=error --no-fund --no-audit --prefix "$tools" "$node@22"
    fi
    # Debian's Node trusts the authorities that the machine trusts; the one from the registry has to be told.
    export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
    # cargo's own runner has all tests of a crate in one process, where they would see each other's metrics.
    if ! cargo nextest --version >/dev/null 2>&1; then
        say "Building the test runner cargo-nextest under .dev/tools (once, a few minutes) ..."
        cargo install --quiet --locked --debug --root "$tools" --target-dir "$tools/build" \
            --no-default-features --features default-no-update --version 0.9.143 cargo-nextest
        rm -rf "$tools/build"
    fi
}

node_is_recent() {
    local version
    version=$(node --version) && version=${version#v} && ((20 <= ${version%%.*}))
}
