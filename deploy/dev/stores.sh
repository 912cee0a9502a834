#!/usr/bin/env bash
# Private PostgreSQL, Redis and RabbitMQ under .dev/<profile>/, on ports of their own.
#
#   stores.sh up|down|status [dev|test|bench]
#
# `up` installs what is missing from Debian's packages, starts what does not run, waits until all three answer and
# writes .dev/<profile>/env, a file to source. It may be called at any time, by several at once.
# Ports: POSTGRES_PORT, REDIS_PORT, RABBITMQ_PORT, RABBITMQ_MANAGEMENT_PORT; with TEST_ or BENCH_ in front for those.
# A port once given is remembered (ports.sh).
# Passwords: POSTGRES_PASSWORD, RABBITMQ_PASSWORD, with the same in front; data keep those with which they were made.
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
    local prefix='' postgres rabbitmq
    [[ $PROFILE != test ]] || prefix=TEST_
    postgres=alojamientos:$(postgres_role_password)
    rabbitmq=alojamientos:$(rabbitmq_password)
    (umask 077 && cat >"$HOME_OF_PROFILE/env.new") <<END
# Written by deploy/dev/stores.sh.
export ${prefix}DATABASE_URL='postgres://$postgres@127.0.0.1:$POSTGRES_AT/alojamientos_db'
export ${prefix}REDIS_URL='redis://127.0.0.1:$REDIS_AT/'
export ${prefix}AMQP_URL='amqp://$rabbitmq@127.0.0.1:$RABBITMQ_AT/%2f'
export ${prefix}RABBITMQ_MANAGEMENT_URL='http://$rabbitmq@127.0.0.1:$MANAGEMENT_AT'
END
    mv "$HOME_OF_PROFILE/env.new" "$HOME_OF_PROFILE/env"
}

# New data take the passwords that are given; data that are there keep theirs.
keep_passwords() {
    keep_password "$POSTGRES_PASSWORD_NAME" "$POSTGRES_ROLE_PASSWORD" "$HOME_OF_PROFILE/postgres-password"
    keep_password "$RABBITMQ_PASSWORD_NAME" "$HOME_OF_PROFILE/rabbitmq/password" "$HOME_OF_PROFILE/rabbitmq/mnesia"
}

# Keeps the password in variable $1, if there is one, in file $2, unless the data were made before: then $3 exists.
keep_password() {
    local name=$1 file=$2 made=$3 given=${!1:-} kept=alojamientos
    [[ -n $given ]] || return 0
    [[ $given =~ ^[A-Za-z0-9._~-]+$ ]] || fail "$name is part of a URL: letters, digits and . _ ~ - only."
    if [[ -e $made ]]; then
        [[ ! -s $file ]] || kept=$(<"$file")
        [[ $given == "$kept" ]] || say "$name is ignored: the data keep the password with which they were made."
    else
        mkdir -p "$(dirname "$file")"
        (umask 077 && printf '%s' "$given" >"$file")
    fi
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
    keep_passwords
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
