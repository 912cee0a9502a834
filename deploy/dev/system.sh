#!/usr/bin/env bash
# The whole system on this machine: private stores, six services and the sandbox.
#
#   system.sh up|demo|down|status|logs [service]|clean
#
# Ports: GATEWAY_PORT, RESERVATIONS_PORT, WEBHOOKS_PORT, PAYMENTS_PORT, ICAL_SYNC_PORT, CONCIERGE_PORT, SANDBOX_PORT,
# and those of stores.sh. Secrets: any variable of .dev/secrets, from the environment, and the passwords of stores.sh.
# BINARIES names a directory with built programs; without it they are built here.
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
# shellcheck source=deploy/dev/environment.sh
source "$here/environment.sh"
# shellcheck source=deploy/dev/services.sh
source "$here/services.sh"

# The dev profile: from cold it builds in a third of the time of a release. The whole workspace at once: then every
# dependency has one set of features and is built once, for the services, the tools and (mostly) the tests.
build() {
    say "Building (the first time takes a few minutes) ..."
    need_cargo
    install_missing_build_tools
    (cd "$REPOSITORY" && cargo build --workspace --exclude system-tests --bins 9>&-)
}

migrate_and_seed() {
    (
        # shellcheck source=/dev/null
        source "$ENV_FILE"
        export RUST_LOG=${RUST_LOG:-warn}
        "$BINARIES/alojactl" migrate up
        "$BINARIES/alojactl" seed demo
        "$BINARIES/alojactl" staff add --email "$ADMIN_EMAIL" --role host --role oncall
    )
}

up() {
    refuse_busy_services
    "$here/stores.sh" up dev 9>&-
    load_secrets
    write_environment
    write_service_ports
    if [[ -z ${BINARIES:-} ]]; then
        BINARIES=${CARGO_TARGET_DIR:-$REPOSITORY/target}/debug
        build
    fi
    BINARIES=$(cd "$BINARIES" && pwd -P)
    say "Migrating and seeding ..."
    migrate_and_seed
    say "Starting the services ..."
    start_services
    wait_for_services
    say "Up. Addresses and secrets: source .dev/env"
}

demo() {
    up
    # shellcheck source=/dev/null
    source "$ENV_FILE"
    (cd "$REPOSITORY" && "$BINARIES/xtask" demo)
}

down() {
    stop_services "${SERVICES[@]}"
    local profile
    for profile in dev test bench; do
        [[ ! -d $REPOSITORY/.dev/$profile ]] || "$here/stores.sh" down "$profile" 9>&-
    done
}

status() {
    local service all=0
    for service in "${SERVICES[@]}"; do service_status "$service" || all=1; done
    "$here/stores.sh" status dev || all=1
    local profile
    for profile in test bench; do
        [[ ! -d $REPOSITORY/.dev/$profile ]] || "$here/stores.sh" status "$profile" | grep -vw stopped || true
    done
    return "$all"
}

logs() {
    local service=${1:-*}
    # shellcheck disable=SC2086
    exec tail -n 20 -F "$LOG"/$service.log
}

clean() {
    local elsewhere=''
    [[ ! -d $REPOSITORY/.dev ]] || down
    [[ ! -r $REPOSITORY/.dev/elsewhere ]] || elsewhere=$(<"$REPOSITORY/.dev/elsewhere")
    [[ $elsewhere != "/var/tmp/alojamientos-$CHECKOUT" ]] || rm -rf "$elsewhere"
    rm -rf "$REPOSITORY/.dev"
    say "Removed .dev/"
}

main() {
    local command=${1:-}
    [[ $command == up || $command == demo ]] || PORTS=remembered
    load_service_ports
    case $command in
    up | demo | down | clean)
        mkdir -p "$REPOSITORY/.dev"
        exec 9>"$REPOSITORY/.dev/lock"
        flock -n 9 || { say "Another make up, down or clean-dev is at work; waiting for it ..." && flock 9; }
        "$command"
        ;;
    status) status ;;
    logs) logs "${@:2}" ;;
    *) fail "Usage: system.sh up|demo|down|status|logs [service]|clean" ;;
    esac
}

main "$@"
