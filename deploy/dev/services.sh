# shellcheck shell=bash
# The six services and the sandbox: each one process, with a pid file in .dev/run/ and a log in .dev/log/.
# Needs process.sh, profile.sh and environment.sh.

# The sandbox first: the services call it.
SERVICES=(sandbox gateway reservations webhooks payments ical-sync concierge)
RUN=$REPOSITORY/.dev/run
LOG=$REPOSITORY/.dev/log

# `ical-sync` listens on what ICAL_SYNC_PORT says, and so on.
port_name_of() {
    local name=${1^^}
    printf '%s_PORT' "${name//-/_}"
}

port_of() {
    local name
    name=$(port_name_of "$1")
    printf '%s' "${!name}"
}

service_pid() { pid_in "$RUN/$1.pid"; }

service_runs() { process_is "$(service_pid "$1")" "/$1"; }

# Whether the running process is today's program with today's settings, or must make way for it.
service_is_current() {
    local pid
    pid=$(service_pid "$1")
    [[ $(readlink "/proc/$pid/exe") == "$BINARIES/$1" && $(<"$RUN/$1.settings") == "$(settings_of "$1")" ]]
}

settings_of() { { cat "$ENV_FILE" && port_of "$1"; } | sha256sum | cut -d ' ' -f 1; }

# Asked before anything is built or started.
refuse_busy_services() {
    local service
    for service in "${SERVICES[@]}"; do
        service_runs "$service" ||
            refuse_busy_port "$(port_of "$service")" "$(port_name_of "$service")" "$service"
    done
}

start_service() {
    local service=$1
    ! service_runs "$service" || return 0
    mkdir -p "$RUN" "$LOG"
    [[ ! -s $LOG/$service.log ]] || mv "$LOG/$service.log" "$LOG/$service.log.1"
    (
        # shellcheck source=/dev/null
        source "$ENV_FILE"
        cd "$REPOSITORY" || exit
        exec env LOG_FORMAT="${LOG_FORMAT:-text}" RUST_LOG="${RUST_LOG:-info}" HTTP_HOST=127.0.0.1 \
            HTTP_PORT="$(port_of "$service")" SANDBOX_PORT="$SANDBOX_PORT" \
            setsid "$BINARIES/$service" </dev/null >"$LOG/$service.log" 2>&1 9>&-
    ) &
    printf '%s\n' $! >"$RUN/$service.pid"
    settings_of "$service" >"$RUN/$service.settings"
}

# The services drain for up to 20 s; after 25 they are killed.
stop_service() {
    end_process "$(service_pid "$1")" "/$1" 25
    rm -f "$RUN/$1.pid" "$RUN/$1.settings"
}

service_ready() { curl -sf -o /dev/null -m 2 "http://127.0.0.1:$(port_of "$1")/readyz"; }

# Stops what is of yesterday, then starts what is missing.
start_services() {
    local service outdated=()
    for service in "${SERVICES[@]}"; do
        ! service_runs "$service" || service_is_current "$service" || outdated+=("$service")
    done
    if ((${#outdated[@]} > 0)); then
        say "  changed since they started, so started anew: ${outdated[*]}"
        stop_services "${outdated[@]}"
    fi
    for service in "${SERVICES[@]}"; do start_service "$service"; done
}

# All at once, since each may take its time.
stop_services() {
    local service
    for service in "$@"; do stop_service "$service" & done
    wait
}

# Waits until every service is ready and the system as a whole healthy; says so as it happens.
wait_for_services() {
    local waiting=("${SERVICES[@]}") still service began=$SECONDS deadline=$((SECONDS + ${READY_WITHIN:-60}))
    while ((${#waiting[@]} > 0)); do
        still=()
        for service in "${waiting[@]}"; do
            if service_ready "$service"; then
                say "  $service is ready on port $(port_of "$service")"
            elif [[ ! -d /proc/$(service_pid "$service") ]]; then
                tail -n 20 "$LOG/$service.log" >&2
                fail "$service ended while starting; the lines above are its log, .dev/log/$service.log"
            elif ((deadline < SECONDS)); then
                tail -n 20 "$LOG/$service.log" >&2
                fail "$service is not ready after $((SECONDS - began)) s; the lines above are its log, .dev/log/$service.log"
            else
                still+=("$service")
            fi
        done
        waiting=("${still[@]}")
        ((${#waiting[@]} == 0)) || sleep 0.2
    done
    wait_until 30 system_is_healthy || fail "The services are ready, but the system is not healthy:" "$(system_health)"
    say "  the system is healthy: http://127.0.0.1:$GATEWAY_PORT/api/v1/healthz"
}

system_health() { curl -s -m 3 "http://127.0.0.1:$GATEWAY_PORT/api/v1/healthz"; }

system_is_healthy() { [[ $(system_health) == *'"status":"healthy"'* ]]; }

service_status() {
    local service=$1 pid health=-
    pid=$(service_pid "$service")
    if ! service_runs "$service"; then
        printf '%-16s %-9s pid %-8s 127.0.0.1:%s\n' "$service" stopped - "$(port_of "$service")"
        return 1
    fi
    local state=silent
    ! service_ready "$service" || state=ready
    if [[ $service != sandbox && $state == ready ]]; then
        health=$(curl -s -m 2 "http://127.0.0.1:$(port_of "$service")/healthz" |
            sed -n 's/^{"status":"\([a-z]*\)".*/\1/p')
        state=${health:-$state}
    fi
    printf '%-16s %-9s pid %-8s 127.0.0.1:%s\n' "$service" "$state" "$pid" "$(port_of "$service")"
    [[ $state == ready || $state == healthy ]]
}
