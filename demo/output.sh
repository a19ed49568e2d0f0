# What the demo prints: one aligned line a step or check, with a mark and a measured figure. Sourced by demo.

if [ -t 1 ]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m' clear_line=$'\r\e[K'
else
    bold='' dim='' green='' red='' plain='' clear_line=''
fi

failures=0

title() {
    printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

# A line that says more about the one above it.
detail() {
    printf '    %-38s %s\n' '' "${dim}$1${plain}"
}

passed() {
    printf '%s  %s✓%s %-38s %s\n' "$clear_line" "$green" "$plain" "$1" "$2"
}

failed() {
    printf '%s  %s✗%s %-38s %s\n' "$clear_line" "$red" "$plain" "$1" "$2"
    failures=$((failures + 1))
}

# What is going on right now: a line that the next one replaces. Without a terminal nothing is printed.
progress() {
    [ -z "$clear_line" ] || printf '%s    %-38s %s%s%s' "$clear_line" "$1" "$dim" "$2" "$plain"
}

die() {
    printf '%svgate demo: %s\n' "$clear_line" "$1" >&2
    exit 1
}

# step NAME COMMAND...: something that has to be done before anything can be shown. The command leaves what there is
# to say in $figure; without it the demo ends.
step() {
    local name="$1" started=$EPOCHREALTIME status=0
    shift
    figure='' fault=''
    progress "$name" ...
    "$@" || status=$?
    if [ $status != 0 ]; then
        failed "$name" "${fault:-failed ($status)}"
        exit 1
    fi
    passed "$name" "$figure ${dim}$(seconds_since "$started")${plain}"
}

# check NAME COMMAND...: something that has to hold. The command leaves what it measured in $figure, or what is wrong in
# $fault; the demo goes on either way and fails at the end.
check() {
    local name="$1"
    shift
    figure='' fault=''
    progress "$name" ...
    if "$@"; then
        passed "$name" "$figure"
    else
        failed "$name" "${fault:-$figure}"
    fi
}

# seconds_since EPOCHREALTIME: "1.2 s"
seconds_since() {
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", to - from }'
}

# until_deadline SECONDS COMMAND...: tries until the command succeeds, or says no at the deadline.
until_deadline() {
    local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000))
    shift
    until "$@" > /dev/null 2>&1; do
        [ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}
