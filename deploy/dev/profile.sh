# shellcheck shell=bash
# The three sets of private stores: where they live, on which ports, how durable they are.
# Needs process.sh. Sets the variables that postgres.sh, redis.sh and rabbitmq.sh read.
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
    # One variable moves all of RabbitMQ: a broker on a port of yours has its other ports right behind it.
    [[ -z ${!RABBITMQ_PORT_NAME:-} ]] || management=$((${!RABBITMQ_PORT_NAME} + 3))

    POSTGRES_AT=${!POSTGRES_PORT_NAME:-$postgres}
    REDIS_AT=${!REDIS_PORT_NAME:-$redis}
    RABBITMQ_AT=${!RABBITMQ_PORT_NAME:-$rabbitmq}
    MANAGEMENT_AT=${!MANAGEMENT_PORT_NAME:-$management}
    EPMD_AT=$((RABBITMQ_AT + 1))
    DISTRIBUTION_AT=$((RABBITMQ_AT + 2))

    HOME_OF_PROFILE=$REPOSITORY/.dev/$PROFILE
    mkdir -p "$HOME_OF_PROFILE"
}
