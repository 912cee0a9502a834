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
# shellcheck source=deploy/dev/ports.sh
source "$here/ports.sh"
# shellcheck source=deploy/dev/profile.sh
source "$here/profile.sh"

need_cargo
install_missing_build_tools
install_missing_test_tools
"$here/stores.sh" up test

cd "$REPOSITORY"
# shellcheck source=/dev/null
source .dev/test/env
(($# > 0)) || set -- --workspace
exec cargo nextest run --no-fail-fast "$@"
