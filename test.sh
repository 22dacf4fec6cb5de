#!/usr/bin/env bash
# Runs every test, after installing what they need and this machine lacks (Debian or Ubuntu with the .NET 10 SDK; root or sudo).
#
#   ./test.sh                 the suite, with the short form of long trials
#   ./test.sh --full          the same with long trials at their full numbers, which it writes to docs/results/trials.md
#   ./test.sh [--] ARGS...    ARGS are passed on to dotnet test, such as --filter FullyQualifiedName~Bundles
#
# AGENTOPS_REQUIRE_ALL=1 turns a test that lacks something into a failure. At the end stand the tests that failed and, alone on the last
# line, the totals.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# One compiler for the builds of all projects instead of a cold one each, also where nodes of MSBuild are not kept.
export UseSharedCompilation=true

case "${1:-}" in
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    --full) export AGENTOPS_FULL=1; shift ;;
esac
[[ "${1:-}" != -- ]] || shift

say() { printf '\n== %s (after %d:%02d min)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

install_tools() {
    local sudo=() packages=()
    [[ $(id -u) == 0 ]] || sudo=(sudo)
    command -v openssl >/dev/null || packages+=(openssl)
    command -v unzip >/dev/null || packages+=(unzip)
    command -v strace >/dev/null || packages+=(strace)
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || packages+=(chromium)
    command -v gcc >/dev/null || command -v clang >/dev/null || packages+=(clang)
    [[ -e /usr/include/zlib.h ]] || packages+=(zlib1g-dev)
    if ((${#packages[@]})); then
        "${sudo[@]}" apt-get update -qq
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    fi
    # The same engine without windows, where a release has it: the page's tests take half the time with it.
    command -v chromium-headless-shell >/dev/null || {
        "${sudo[@]}" apt-get update -qq
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium-headless-shell
    } >/dev/null 2>&1 || true
}

work=$(mktemp -d "${TMPDIR:-/tmp}/agentops-rca-test.XXXXXX")
chmod 755 "$work"
cleanup() {
    eng/services.sh stop "$work/services" >/dev/null 2>&1 || true
    dotnet build-server shutdown --vbcscompiler >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap cleanup EXIT

say "Tools and servers"
exec {lock}>"${TMPDIR:-/tmp}/agentops-rca-install-$(id -un)"
flock "$lock"
install_tools
flock -u "$lock"
eng/services.sh install
flock "$lock"
[[ -d eng/exporters/node_modules/@opentelemetry ]] ||
    npm install --prefix eng/exporters --no-package-lock --no-audit --no-fund --silent
[[ -d eng/openapi/node_modules/@redocly ]] ||
    npm install --prefix eng/openapi --no-package-lock --no-audit --no-fund --silent
[[ -d eng/mcp/node_modules/@modelcontextprotocol ]] ||
    npm install --prefix eng/mcp --no-package-lock --no-audit --no-fund --silent
[[ -d samples/VercelAgent/node_modules/ai ]] ||
    npm install --prefix samples/VercelAgent --no-package-lock --no-audit --no-fund --silent
[[ -d eng/page/node_modules/typescript ]] ||
    npm install --prefix eng/page --no-package-lock --no-audit --no-fund --silent
exec {lock}>&-
eng/services.sh start "$work/services"
set -a
# shellcheck disable=SC1091
source "$work/services/env"
set +a

say "Build"
# Builds for publishing hide the paths of the sources, which the measuring of coverage needs.
dotnet build AgentOps.Rca.sln -c Release -v quiet -p:ContinuousIntegrationBuild=false

say "Format"
# What the build has analyzed for trimming and AOT (a minute and a half for the code of generated regular expressions) has no fixes to verify.
EnableTrimAnalyzer=false EnableAotAnalyzer=false EnableSingleFileAnalyzer=false \
    dotnet format AgentOps.Rca.sln --verify-no-changes --no-restore

say "Tests"
status=0
# A test that hangs fails by name instead of using up the machine's time.
[[ -n ${AGENTOPS_FULL:-} ]] && longest=60m || longest=10m
export AGENTOPS_TRIALS="$work/trials"
: >"$AGENTOPS_TRIALS"
AGENTOPS_COVERAGE=1 dotnet test AgentOps.Rca.sln -c Release --no-build -m:1 --results-directory "$work/results" \
    --logger 'trx' --logger 'console;verbosity=minimal' --blame-hang-timeout "$longest" --blame-hang-dump-type none "$@" || status=$?

say "Coverage of the core"
eng/coverage.sh AgentOps.Rca "$work/results" 90 || status=1

say "Trials"
eng/trials.sh "$AGENTOPS_TRIALS" >"$work/trials.md"
cat "$work/trials.md"
[[ -z ${AGENTOPS_FULL:-} || $# != 0 ]] || { mkdir -p docs/results && cp "$work/trials.md" docs/results/trials.md; }

# With arguments it is some of the tests that somebody wants, and not how quick everything is.
if (($# == 0)); then
    say "Benchmarks, the short form"
    dotnet run -c Release --no-build --project benchmarks/AgentOps.Rca.Benchmarks -- --short || status=1
fi

say "Times and failures"
eng/failures.sh "$work/results"

say "Totals"
eng/totals.sh "$work/results"
exit "$status"
