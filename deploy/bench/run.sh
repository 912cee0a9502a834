#!/usr/bin/env bash
# Measures the system on private, durable stores (fsync on), and writes docs/BENCHMARKS.md.
#
#   run.sh [seconds of each measurement, 15]
#
# BINARIES names a directory with built programs; without it a release is built here.
#
# Only the services that a measurement needs run while it is taken: the machine is small, and each figure stands beside
# a floor that has the machine for itself.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
dev=$here/../dev
# shellcheck source=deploy/dev/process.sh
source "$dev/process.sh"
# shellcheck source=deploy/dev/packages.sh
source "$dev/packages.sh"
# shellcheck source=deploy/dev/tools.sh
source "$dev/tools.sh"
# shellcheck source=deploy/dev/ports.sh
source "$dev/ports.sh"
# shellcheck source=deploy/dev/profile.sh
source "$dev/profile.sh"
# shellcheck source=deploy/dev/postgres.sh
source "$dev/postgres.sh"

SECONDS_EACH=${1:-15}
HOME_OF_BENCH=$REPOSITORY/.dev/bench
PROGRAMS=${BINARIES:-${CARGO_TARGET_DIR:-$REPOSITORY/target}/release}
RESULT=$REPOSITORY/docs/BENCHMARKS.md
declare -A PORT=(
    [gateway]=8200 [reservations]=8201 [webhooks]=8202 [payments]=8203 [ical-sync]=8204 [concierge]=8205
    [sandbox]=8210
)
declare -A PID=()

build() {
    command -v wrk >/dev/null || install_packages wrk
    [[ -z ${BINARIES:-} ]] || return 0
    need_cargo
    install_missing_build_tools
    say "Building a release (the first time takes a while) ..."
    (cd "$REPOSITORY" && cargo build --release --workspace --exclude system-tests --bins)
}

# The limits are for strangers; here one machine plays a thousand guests.
environment() {
    # shellcheck source=/dev/null
    source "$HOME_OF_BENCH/env"
    export GATEWAY_URL=http://127.0.0.1:${PORT[gateway]} RESERVATIONS_URL=http://127.0.0.1:${PORT[reservations]}
    export WEBHOOKS_URL=http://127.0.0.1:${PORT[webhooks]} PAYMENTS_URL=http://127.0.0.1:${PORT[payments]}
    export ICAL_SYNC_URL=http://127.0.0.1:${PORT[ical-sync]} CONCIERGE_URL=http://127.0.0.1:${PORT[concierge]}
    export SANDBOX_PORT=${PORT[sandbox]} SANDBOX_URL=http://127.0.0.1:${PORT[sandbox]}
    export PUBLIC_BASE_URL=$GATEWAY_URL MERCADOPAGO_BASE_URL=$SANDBOX_URL WHATSAPP_BASE_URL=$SANDBOX_URL
    export INTERNAL_API_TOKEN=bench GUEST_TOKEN_SECRET=bench-bench-bench-bench-bench-bench JWT_SECRET=bench
    export MERCADOPAGO_WEBHOOK_SECRET=bench MERCADOPAGO_ACCESS_TOKEN=APP_USR-bench-1234567890
    export MERCADOPAGO_COLLECTOR_ID=1234567890 WHATSAPP_APP_SECRET=bench WHATSAPP_VERIFY_TOKEN=bench
    export WHATSAPP_ACCESS_TOKEN=bench WHATSAPP_PHONE_NUMBER_ID=106540352242922
    export TRUSTED_PROXIES=127.0.0.1/32 RATE_LIMIT_READS=100000000 RATE_LIMIT_WRITES=100000000
    export CALENDARS_PORT=8211 ICAL_ALLOWED_HOSTS=127.0.0.1:8211
    export ICAL_HOST_AT_ONCE=32 ICAL_HOST_PER_MINUTE=1000000
    export RATE_LIMIT_STAFF=100000000 RATE_LIMIT_WEBHOOKS=100000000
    export LOG_FORMAT=json RUST_LOG=${RUST_LOG:-info}
}

start() {
    local service
    for service in "$@"; do
        HTTP_HOST=127.0.0.1 HTTP_PORT=${PORT[$service]} "$PROGRAMS/$service" >"$HOME_OF_BENCH/$service.log" 2>&1 &
        PID[$service]=$!
    done
    for service in "$@"; do
        wait_until 60 curl -sf -o /dev/null -m 2 "http://127.0.0.1:${PORT[$service]}/readyz" ||
            fail "$service is not ready; its log: .dev/bench/$service.log"
    done
}

stop_all() {
    ((${#PID[@]} == 0)) || kill "${PID[@]}" 2>/dev/null || true
    wait
    "$dev/stores.sh" down bench
}

processes() {
    local service
    for service in "${!PID[@]}"; do
        [[ $service == sandbox ]] || printf -- '--process\n%s=%s\n' "$service" "${PID[$service]}"
    done
    printf -- '--process\npostgres=%s\n' "$(postgres_pid)"
}

bench() {
    local arguments
    mapfile -t arguments < <(processes)
    (cd "$REPOSITORY" && PGBENCH=$(postgres_programs)/pgbench "$PROGRAMS/bench" "$1" --seconds "$SECONDS_EACH" "${arguments[@]}")
}

# The other reader is of this run only.
feed() {
    python3 -m venv "$HOME_OF_BENCH/python"
    "$HOME_OF_BENCH/python/bin/pip" install --quiet icalendar
    (cd "$REPOSITORY" && "$PROGRAMS/bench" feed --python "$HOME_OF_BENCH/python/bin/python")
}

machine() {
    local processor memory disk
    processor=$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)
    memory=$(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)
    disk=$(df --output=fstype "$REPOSITORY" | tail -n 1)
    printf '%s\n' "$(nproc) cores of ${processor:-an unnamed processor}, $memory, $disk; $(uname -sr); \
$("$(postgres_programs)/postgres" --version), fsync on; $(rustc --version); $(date -u +%F), commit $(git -C "$REPOSITORY" rev-parse --short HEAD)."
}

report() {
    cat "$here/introduction.md"
    printf '\n## The machine\n\n%s\n\n## Requests\n\n' "$(machine)"
    printf '%s\n' '| what | rate | p50 ms | p99 ms | app CPU ms | database CPU ms | floor | ratio | aim | reached | note |'
    printf '%s\n' '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
    cat "$HOME_OF_BENCH/rows.md"
}

load_profile bench
build
"$dev/stores.sh" down bench
rm -rf "$HOME_OF_BENCH"
"$dev/stores.sh" up bench
find_postgres_home
environment
trap stop_all EXIT
RUST_LOG=warn "$PROGRAMS/alojactl" migrate up
start ical-sync reservations gateway webhooks
say "Measuring requests ..."
bench requests | tee "$HOME_OF_BENCH/rows.md"
say "Measuring a huge calendar ..."
feed | tee -a "$HOME_OF_BENCH/rows.md"
say "Measuring many calendars ..."
bench sync | tee -a "$HOME_OF_BENCH/rows.md"
say "Measuring memory ..."
start sandbox payments concierge
bench memory | tee -a "$HOME_OF_BENCH/rows.md"
report >"$RESULT.new"
mv "$RESULT.new" "$RESULT"
say "Written: docs/BENCHMARKS.md"
