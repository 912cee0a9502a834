# shellcheck shell=bash
# The three sets of private stores: where they live, on which ports, how durable they are.
# Needs process.sh and ports.sh. Sets the variables that postgres.sh, redis.sh and rabbitmq.sh read.
# shellcheck disable=SC2034

REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# Tells two checkouts on one machine apart.
CHECKOUT=$(printf '%s' "$REPOSITORY" | sha256sum | cut -c 1-8)

# Loads profile $1: dev (for `make up`), test (fast, forgets on a power cut) or bench (durable).
load_profile() {
    PROFILE=$1
    local prefix postgres redis rabbitmq management
    case $PROFILE in
    dev) prefix='' postgres=54320 redis=63790 rabbitmq=56720 management=15680 ;;
    test) prefix=TEST_ postgres=54330 redis=63800 rabbitmq=56730 management=15690 ;;
    bench) prefix=BENCH_ postgres=54340 redis=63810 rabbitmq=56740 management=15700 ;;
    *) fail "Unknown profile '$PROFILE': dev, test or bench." ;;
    esac
    POSTGRES_PORT_NAME=${prefix}POSTGRES_PORT
    REDIS_PORT_NAME=${prefix}REDIS_PORT
    RABBITMQ_PORT_NAME=${prefix}RABBITMQ_PORT
    MANAGEMENT_PORT_NAME=${prefix}RABBITMQ_MANAGEMENT_PORT
    POSTGRES_PASSWORD_NAME=${prefix}POSTGRES_PASSWORD
    RABBITMQ_PASSWORD_NAME=${prefix}RABBITMQ_PASSWORD
    HOME_OF_PROFILE=$REPOSITORY/.dev/$PROFILE
    mkdir -p "$HOME_OF_PROFILE"
    PORTS_FILE=$HOME_OF_PROFILE/ports

    POSTGRES_AT=$(port_for "$POSTGRES_PORT_NAME" "$postgres" "$PORTS_FILE")
    REDIS_AT=$(port_for "$REDIS_PORT_NAME" "$redis" "$PORTS_FILE")
    RABBITMQ_AT=$(port_for "$RABBITMQ_PORT_NAME" "$rabbitmq" "$PORTS_FILE")
    # One variable moves all of RabbitMQ: a broker on a port of yours has its other ports right behind it.
    ((RABBITMQ_AT == rabbitmq)) || management=$((RABBITMQ_AT + 3))
    MANAGEMENT_AT=$(port_for "$MANAGEMENT_PORT_NAME" "$management" "$PORTS_FILE")
    EPMD_AT=$((RABBITMQ_AT + 1))
    DISTRIBUTION_AT=$((RABBITMQ_AT + 2))
}

# What the ports file says when the profile runs as loaded.
ports_of_profile() {
    printf '%s=%s\n' "$POSTGRES_PORT_NAME" "$POSTGRES_AT" "$REDIS_PORT_NAME" "$REDIS_AT" \
        "$RABBITMQ_PORT_NAME" "$RABBITMQ_AT" "$MANAGEMENT_PORT_NAME" "$MANAGEMENT_AT"
}
