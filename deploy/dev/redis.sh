# shellcheck shell=bash
# A private Redis that keeps nothing on disk: to this system it is a hint.
# Needs process.sh and a loaded profile.

redis_pid() { pid_in "$HOME_OF_PROFILE/redis/pid"; }

redis_runs() { process_is "$(redis_pid)" redis-server; }

redis_ready() { [[ $(redis-cli -h 127.0.0.1 -p "$REDIS_AT" PING 2>/dev/null) == PONG ]]; }

refuse_busy_redis() { redis_runs || refuse_busy_port "$REDIS_AT" "$REDIS_PORT_NAME" "Redis ($PROFILE)"; }

start_redis() {
    local home=$HOME_OF_PROFILE/redis
    if ! redis_runs; then
        mkdir -p "$home"
        # Each test takes a numbered database of its own, hence so many.
        redis-server --port "$REDIS_AT" --bind 127.0.0.1 --databases 4096 --dir "$home" --save '' --appendonly no \
            --daemonize yes --pidfile "$home/pid" --logfile "$home/log" >/dev/null 9>&-
    fi
    wait_until 10 redis_ready || { tail -n 20 "$home/log" >&2 && fail "Redis did not start; its log: $home/log"; }
}

stop_redis() { end_process "$(redis_pid)" redis-server 10; }
