#!/usr/bin/env bash
# Private PostgreSQL, Redis and RabbitMQ under .dev/<profile>/, on ports of their own.
#
#   stores.sh up|down|status [dev|test|bench]
#
# `up` installs what is missing from Debian's packages, starts what does not run, waits until all three answer and
# writes .dev/<profile>/env, a file to source. It may be called at any time, by several at once.
# Ports: POSTGRES_PORT, REDIS_PORT, RABBITMQ_PORT, RABBITMQ_MANAGEMENT_PORT; with TEST_ or BENCH_ in front for those.
# A port once given is remembered (ports.sh).
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=deploy/dev/process.sh
source "$here/process.sh"
# shellcheck source=deploy/dev/packages.sh
source "$here/packages.sh"
# shellcheck source=deploy/dev/ports.sh
source "$here/ports.sh"
# shellcheck source=deploy/dev/profile.sh
source "$here/profile.sh"
# shellcheck source=deploy/dev/postgres.sh
source "$here/postgres.sh"
# shellcheck source=deploy/dev/redis.sh
source "$here/redis.sh"
# shellcheck source=deploy/dev/rabbitmq.sh
source "$here/rabbitmq.sh"

STORES=(postgres redis rabbitmq)

install_missing_stores() {
    local missing=()
    [[ -n $(postgres_programs) ]] || missing+=(postgresql)
    command -v redis-server >/dev/null || missing+=(redis-server)
    [[ -x $RABBITMQ_SERVER ]] || missing+=(rabbitmq-server)
    command -v curl >/dev/null || missing+=(curl ca-certificates)
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

write_env() {
    local prefix=''
    [[ $PROFILE != test ]] || prefix=TEST_
    cat >"$HOME_OF_PROFILE/env.new" <<END
# Written by deploy/dev/stores.sh.
export ${prefix}DATABASE_URL='postgres://alojamientos:alojamientos@127.0.0.1:$POSTGRES_AT/alojamientos_db'
export ${prefix}REDIS_URL='redis://127.0.0.1:$REDIS_AT/'
export ${prefix}AMQP_URL='amqp://alojamientos:alojamientos@127.0.0.1:$RABBITMQ_AT/%2f'
export ${prefix}RABBITMQ_MANAGEMENT_URL='http://alojamientos:alojamientos@127.0.0.1:$MANAGEMENT_AT'
END
    mv "$HOME_OF_PROFILE/env.new" "$HOME_OF_PROFILE/env"
}

# All three at once; each is done in a second or a few, and each says itself what went wrong.
for_each_store() {
    local verb=$1 store jobs=() status=0
    for store in "${STORES[@]}"; do
        "${verb}_$store" &
        jobs+=($!)
    done
    local job
    for job in "${jobs[@]}"; do wait "$job" || status=1; done
    return "$status"
}

up() {
    install_missing_stores
    find_postgres_home
    stop_if_elsewhere
    local store
    for store in "${STORES[@]}"; do "refuse_busy_$store"; done
    ports_of_profile >"$PORTS_FILE"
    if ! { postgres_runs && redis_runs && rabbitmq_runs; }; then
        say "Starting PostgreSQL ($POSTGRES_AT), Redis ($REDIS_AT) and RabbitMQ ($RABBITMQ_AT) for $PROFILE ..."
    fi
    for_each_store start
    write_env
    say "Stores for $PROFILE are ready; their addresses: .dev/$PROFILE/env"
}

# Stores that run on other ports than are asked for now make way first.
stop_if_elsewhere() {
    [[ -e $PORTS_FILE && $(ports_of_profile) != "$(<"$PORTS_FILE")" ]] || return 0
    PORTS=remembered load_profile "$PROFILE"
    for_each_store stop
    load_profile "$PROFILE"
}

down() {
    find_postgres_home
    for_each_store stop
    [[ $PROFILE != test ]] || stop_orphaned_brokers
    say "Stores for $PROFILE are stopped."
}

status() {
    find_postgres_home
    local store pid state all=0
    for store in "${STORES[@]}"; do
        pid=$("${store}_pid")
        state=stopped
        if "${store}_runs"; then
            state=silent
            ! "${store}_ready" >/dev/null 2>&1 || state=ready
        fi
        [[ $state == ready ]] || all=1
        [[ $state != stopped ]] || pid=-
        printf '%-16s %-9s pid %-8s 127.0.0.1:%s\n' "$store ($PROFILE)" "$state" "$pid" "$(port_of "$store")"
    done
    return "$all"
}

port_of() {
    case $1 in
    postgres) printf '%s' "$POSTGRES_AT" ;;
    redis) printf '%s' "$REDIS_AT" ;;
    rabbitmq) printf '%s' "$RABBITMQ_AT" ;;
    esac
}

main() {
    local command=${1:-}
    [[ $command == up ]] || PORTS=remembered
    load_profile "${2:-dev}"
    case $command in
    up | down)
        exec 9>"$HOME_OF_PROFILE/lock"
        flock 9
        "$command"
        ;;
    status) status ;;
    *) fail "Usage: stores.sh up|down|status [dev|test|bench]" ;;
    esac
}

main "$@"
