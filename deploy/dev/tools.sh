# shellcheck shell=bash
# What building and testing need besides the stores.
# Needs process.sh and packages.sh.

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
    local missing=()
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3 python3-venv)
    command -v git >/dev/null || missing+=(git)
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}
