#!/usr/bin/env bash
# Plays the reports of ../shared/cases against the finished host, each in a fresh folder, and prints a table of what came out as its
# README expects. Without that folder there is nothing to do.
#
#   eng/cases.sh [NUMBER…]     all cases, or these
#
# CASES   the folder of the cases             HOST_BINARY  the host; built (Release) when it is not given
# PG      a PostgreSQL superuser's address without a database, for 40 to 42; without it these three are left out
# PORT    the first port that is free for it (default 18300)      KEEP  a folder for what was printed
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cases=${CASES:-$root/../shared/cases}
[[ -d $cases ]] || { echo "There are no cases at $cases."; exit 0; }
cases=$(cd "$cases" && pwd)
host=${HOST_BINARY:-$root/samples/WebHost/bin/Release/net10.0/agentops-rca}
[[ -n ${HOST_BINARY:-} ]] || dotnet build "$root/samples/WebHost" -c Release -v q || exit 1
work=$(mktemp -d)
keep=${KEEP:-$work}
mkdir -p "$keep"
port=${PORT:-18300}
host_pid=
trap 'stop_host; rm -rf "$work"' EXIT

# What must be printed (regular expressions), and with ! before it what must not. "documented:" looks into the page on the differences.
expectations() {
    case $1 in
    01) echo '!later call of it succeeded'; echo 'none of these attempts succeeded'; echo 'carrier\.example' ;;
    02) echo '  tool\.call/get_order args result'; echo '  tool\.call/notify_customer args result'; echo 'tool\.call/book_slot failed 3 times'; echo 'none of these attempts succeeded' ;;
    03) echo '  tool\.call/book_slot args'; echo '  agent\.run/order-agent' ;;
    04) echo '!although it was given'; echo 'evidence_time 9' ;;
    05) echo "'calls': 2, 'input_tokens': 100, 'output_tokens': 10" ;;
    06) echo 'cut-in-header\.pb\.gz \[400\]'; echo 'cut-after-5-of-20\.pb\.gz \[400\]'; echo 'stored: 0' ;;
    07) echo '\[200\]'; echo 'stored: 5' ;;
    08) echo '\[200\]'; echo 'stored: [45]' ;;
    09) echo '^\{\} \[200\]' ;;
    10) echo 'logs-sent-to-traces .*resourceLogs.*\[400\]'; echo 'stored by case 10: 3' ;;
    11) echo '^\{\} \[200\]|base64' ;;
    12) echo '"parent_id":"[0-9a-f]{32}:9bdc97c7385be856"|otel\.unread|rejectedSpans":"1' ;;
    13) echo '"severity":"ERROR"'; echo '^identified' ;;
    14) echo 'HTTP/1\.1 20[04]'; echo '[Aa]ccess-[Cc]ontrol-[Aa]llow-[Oo]rigin: http://localhost:3000'; echo '!405' ;;
    15) echo '!^000'; echo '^200' ;;
    16) echo '\[200\]' ;;
    17) echo '//v1/traces \[200\]'; echo '"detail":"[^"]*/v1/traces/v1/traces[^"]*".* \[404\]' ;;
    18) echo '"created_ts":"2026-08-15T10:00:00\.123456Z"' ;;
    19) echo '!S3cretPw' ;;
    20) echo '!^Head of Operations'; echo '!^Regards,$' ;;
    21) echo '\[201\]' ;;
    22) echo '"digest":"f4d21ae6b6318d90fab4a1062070d22afcd3b9f83e04f62e0b1b6d68bb15ec09".*\[201\]|\[415\]' ;;
    23) echo '\[200\]' ;;
    24) echo '!evidence_time 30[0-9]|302\.4' ;;
    25) echo '"otel\.scope\.attributes"|otel\.dropped_count'; echo '"otel\.trace_state"|otel\.dropped_count' ;;
    26) echo '!failed twice'; echo '^identified' ;;
    27) echo '^\{\} \[200\]'; echo '^\[201\]' ;;
    30) echo 'Accept: \*/\* -> application/json'; echo 'text/plain, \*/\* -> application/json' ;;
    31) echo '"span_count":2|unlinked'; echo '!Nothing in 0 recorded' ;;
    32) echo '\[201\]'; echo '\[200\]'; echo '!\[4' ;;
    33) echo 'time_to_rca":800|documented: `time_to_rca`' ;;
    34) echo '!\[4(00|22)\]'; echo '\[404\]' ;;
    35) echo 'documented: `GET /front/feed`' ;;
    36) echo '^60$|all of them: 60' ;;
    40) echo 'anon sees before\|1'; echo '!POST .*\[50[03]\]' ; echo 'POST /incidents \[201\]|did not start' ;;
    41) echo 'kpis \[200\]'; echo '^identified|route_optimization_failed' ;;
    42) echo 'list \[200\]'; echo 'one \[200\]' ;;
    esac
}

stop_host() {
    [[ -n $host_pid ]] || return 0
    kill "$host_pid" 2>/dev/null
    wait "$host_pid" 2>/dev/null
    host_pid=
}

# Starts the host in a fresh folder with these settings; false when it stops by itself.
start_host() {
    local folder=$1
    shift
    mkdir -p "$folder"
    port=$((port + 1))
    export HOST=http://127.0.0.1:$port
    (cd "$folder" && exec env PORT=$port "$@" "$host") >"$folder/host.log" 2>&1 &
    host_pid=$!
    for _ in $(seq 300); do
        kill -0 "$host_pid" 2>/dev/null || { host_pid=; return 1; }
        curl -s -o /dev/null "$HOST/health" && return 0
        sleep 0.2
    done
    return 1
}

settings_of() {
    case $1 in
    14) echo AGENTOPS_CORS_ORIGINS=http://localhost:3000 ;;
    18) echo TZ=Asia/Tokyo ;;
    19) cat "$2/env" ;;
    esac
}

# What a run.sh does not ask itself.
look_further() {
    case $1 in
    10) echo "stored by case 10: $(curl -s "$HOST/traces/spans?limit=1000" | grep -o '"span_id"' | wc -l)" ;;
    19) cat "$2/host.log" ;;
    33 | 35) sed 's/^/documented: /' "$root/docs/from-the-original.md" | grep -E '`time_to_rca`|`GET /front/feed`' | sed -E 's/^documented: [^`]*/documented: /' ;;
    36) echo "all of them: $(curl -s "$HOST/incidents?problem_type=list&limit=all" | grep -o '"incident_id"' | wc -l)" ;;
    esac
}

# A case on a database that was there before: its run.sh prepares it, waits for a key while the host starts, and goes on.
play_on_database() {
    local number=$1 folder=$2 out=$3 database=case_${1}_$$
    [[ -n ${PG:-} ]] || return 1
    mkfifo "$work/key-$number"
    port=$((port + 1))
    export HOST=http://127.0.0.1:$port
    port=$((port - 1))
    (PG=$PG DB=$database bash "$folder/run.sh" <"$work/key-$number" >>"$out" 2>&1) &
    local run=$!
    exec 9>"$work/key-$number"
    for _ in $(seq 100); do grep -q 'press return' "$out" && break; sleep 0.2; done
    start_host "$work/$number" "SUPABASE_DB_URL=$PG/$database" || { echo 'The host did not start:' >>"$out"; tail -5 "$work/$number/host.log" >>"$out"; }
    echo >&9
    exec 9>&-
    wait $run
}

play() {
    local number=$1 folder=$2 out=$3 settings=()
    if [[ $number == 4? ]]; then
        play_on_database "$number" "$folder" "$out"
        return
    fi

    mapfile -t settings < <(settings_of "$number" "$folder")
    start_host "$work/$number" "${settings[@]}" || echo 'The host did not start.' >>"$out"
    bash "$folder/run.sh" >>"$out" 2>&1
    look_further "$number" "$work/$number" >>"$out"
}

judge() {
    local number=$1 out=$2 pattern
    while read -r pattern; do
        if [[ $pattern == !* ]]; then
            ! grep -qE -- "${pattern#!}" "$out" || { echo "printed: ${pattern#!}"; return; }
        else
            grep -qE -- "$pattern" "$out" || { echo "missing: $pattern"; return; }
        fi
    done < <(expectations "$number")
    echo ok
}

asExpected=0 other=0 leftOut=0
printf '%-4s  %-8s  %s\n' case result what
for folder in "$cases"/[0-9]*; do
    name=$(basename "$folder")
    number=${name%%-*}
    (($# == 0)) || [[ " $* " == *" $number "* ]] || continue
    out=$keep/$number.txt
    : >"$out"
    if ! play "$number" "$folder" "$out" && [[ $number == 4? && -z ${PG:-} ]]; then
        printf '%-4s  %-8s  %s\n' "$number" left-out "${name#*-} (needs PG)"
        leftOut=$((leftOut + 1))
        continue
    fi
    stop_host
    verdict=$(judge "$number" "$out")
    if [[ $verdict == ok ]]; then
        asExpected=$((asExpected + 1))
        printf '%-4s  %-8s  %s\n' "$number" ok "${name#*-}"
    else
        other=$((other + 1))
        printf '%-4s  %-8s  %s\n' "$number" OTHER "${name#*-}: $verdict"
    fi
done
echo "$asExpected as expected, $other not, $leftOut left out"
((other == 0))
