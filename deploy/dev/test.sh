#!/usr/bin/env bash
# Runs every test on private stores; arguments go to the test runner, e.g. `test.sh -p storage`.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=deploy/dev/process.sh
source "$here/process.sh"
# shellcheck source=deploy/dev/packages.sh
source "$here/packages.sh"
# shellcheck source=deploy/dev/tools.sh
source "$here/tools.sh"

need_cargo
install_missing_build_tools
install_missing_test_tools
"$here/stores.sh" up test

cd "$here/../.."
# shellcheck source=/dev/null
source .dev/test/env
(($# > 0)) || set -- --workspace
# nextest runs the tests of all binaries side by side; a machine without it has cargo's own runner.
if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run --no-fail-fast "$@"
fi
exec cargo test --no-fail-fast "$@"
