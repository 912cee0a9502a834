# shellcheck shell=bash
# Which port a thing has. Every port can be given in the environment, and is then remembered until the next
# `make clean-dev`: so `make status` and `make down` find what an earlier `make up` started elsewhere.

# Prints the port of variable $1: as given, else as remembered in file $3, else $2.
# With PORTS=remembered what is remembered comes first: a process is where it was started, whatever is asked for now.
port_for() {
    local name=$1 default=$2 file=$3 remembered=''
    [[ ! -r $file ]] || remembered=$(sed -n "s/^$name=//p" "$file")
    if [[ ${PORTS:-given} == remembered ]]; then
        printf '%s' "${remembered:-${!name:-$default}}"
    else
        printf '%s' "${!name:-${remembered:-$default}}"
    fi
}
