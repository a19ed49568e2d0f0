# The demo's two sites as network namespaces, and how they and the processes in them are ended. Sourced by demo.
#
#   east-blue-host    east-blue                                      west-blue    west-blue-host
#     10.0.0.10 ------ vg-blue \                                   / vg-blue ------ 10.0.0.10
#                               east-gw ======== WAN ======== west-gw
#     10.0.0.10 ------ vg-red  / 198.51.100.1    198.51.100.2      \ vg-red  ------ 10.0.0.10
#   east-red-host     east-red                                       west-red     west-red-host
#
# A gateway process runs in SITE-gw and puts each tenant's TUN device into that tenant's namespace, SITE-TENANT, whose
# kernel forwards between the device and the tenant's LAN. Nothing touches the machine's own namespace.

sites=(east west)
tenants=(blue red)
declare -A wan_address=([east]=198.51.100.1 [west]=198.51.100.2)

# in_netns NAME COMMAND...
in_netns() {
    ip netns exec "$@"
}

make_namespace() {
    [ ! -e "/run/netns/$1" ] || {
        fault="network namespace $1 exists and is not the demo's: rename it, or remove it with: ip netns del $1"
        return 1
    }
    # Noted first: whatever happens next, clean_up knows what is ours.
    echo "$1" >> "$run/namespaces"
    ip netns add "$1" && ip -n "$1" link set lo up
}

make_tenant() {
    local site="$1" tenant="$2" inside="$1-$2" host="$1-$2-host"
    make_namespace "$inside" && make_namespace "$host" &&
        ip link add lan netns "$inside" type veth peer name lan netns "$host" &&
        ip -n "$inside" address add 10.0.0.1/24 dev lan &&
        ip -n "$inside" link set lan up &&
        ip -n "$host" address add "$host_address/24" dev lan &&
        ip -n "$host" link set lan up &&
        ip -n "$host" route add default via 10.0.0.1 &&
        in_netns "$inside" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
}

make_network() {
    local site tenant
    : > "$run/namespaces"
    for site in "${sites[@]}"; do
        make_namespace "$site-gw" || return 1
    done
    ip link add wan netns east-gw type veth peer name wan netns west-gw || return 1
    for site in "${sites[@]}"; do
        ip -n "$site-gw" address add "${wan_address[$site]}/24" dev wan &&
            ip -n "$site-gw" link set wan up || return 1
        for tenant in "${tenants[@]}"; do
            make_tenant "$site" "$tenant" || return 1
        done
    done
    figure="$(wc -l < "$run/namespaces") namespaces; all four hosts are $host_address"
}

# When a process started, in clock ticks since boot: tells a process from a later one with its number. Nothing for one
# that has ended.
start_ticks() {
    local stat
    { read -r stat < "/proc/$1/stat"; } 2> /dev/null || return 0
    # The fields after the command's name, which may hold anything: state, ..., and the 22nd of all.
    set -- ${stat##*) }
    [ "$1" = Z ] || echo "${20}"
}

# spawn NAME NETNS COMMAND...: starts a process of ours that lives on; its output goes to NAME.log.
spawn() {
    local name="$1" netns="$2"
    shift 2
    # A session of its own: Ctrl-C is for the demo, which then ends the process in order.
    setsid ip netns exec "$netns" "$@" > "$logs/$name.log" 2>&1 < /dev/null 9>&- &
    note_process $! "$name"
    disown
}

# note_process PID NAME: the process is ours, and clean_up will end it.
note_process() {
    echo "$1 $(start_ticks "$1") $2" >> "$run/processes"
}

# running PID TICKS
running() {
    [ -n "$2" ] && [ "$(start_ticks "$1")" = "$2" ]
}

# process NAME: number of the process spawned by that name, if it is running.
process() {
    local pid ticks name
    while read -r pid ticks name; do
        [ "$name" != "$1" ] || ! running "$pid" "$ticks" || echo "$pid"
    done < "$run/processes"
}

none_running() {
    local pid ticks name
    while read -r pid ticks name; do
        ! running "$pid" "$ticks" || return 1
    done < "$run/processes"
}

signal_all() {
    local pid ticks name
    while read -r pid ticks name; do
        ! running "$pid" "$ticks" || kill "-$1" "$pid" 2> /dev/null || true
    done < "$run/processes"
}

# Ends what the demo started and removes what it made, and nothing else.
clean_up() {
    local name
    [ -d "$run" ] || return 0
    if [ -e "$run/processes" ]; then
        signal_all TERM
        until_deadline 5 none_running || {
            signal_all KILL
            until_deadline 2 none_running || true
        }
    fi
    if [ -e "$run/namespaces" ]; then
        while read -r name; do
            [ ! -e "/run/netns/$name" ] || ip netns del "$name" || true
        done < "$run/namespaces"
    fi
    rm -rf "$run"
}
