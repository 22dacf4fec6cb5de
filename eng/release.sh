#!/usr/bin/env bash
# A release of the packages (CONTRIBUTING.md).
#
#   eng/release.sh prepare 0.2.0      gives the unreleased part of CHANGELOG.md this version and today's date, and ships the public API
#   eng/release.sh pack DIRECTORY     packs the version that HEAD is tagged with, and writes what each package is made of beside it; fails
#                                     without a tag, or without its part of CHANGELOG.md
#   eng/release.sh native DIRECTORY   builds the tool as one native executable for this system, and packs it as agentops-rca-RID.tar.gz
#   eng/release.sh bom DIRECTORY VERSION   writes what each package is made of (CycloneDX, JSON); the projects are restored
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

fail() { printf '%s\n' "$*" >&2; exit 1; }

bom() {
    local directory=$1 version=$2 project name
    dotnet tool restore >/dev/null
    for project in src/*/*.csproj; do
        name=$(basename "$project" .csproj)
        dotnet dotnet-CycloneDX "$project" --output "$directory" --filename "$name.$version.cdx.json" --output-format Json --exclude-dev \
            --disable-package-restore --set-name "$name" --set-version "$version" --set-type Library >/dev/null
        printf '%s\n' "$directory/$name.$version.cdx.json"
    done
}

# A build of its own: the restored projects of this checkout stay as they are.
native() {
    local directory=$1 build rid
    build=$(mktemp -d)
    trap 'rm -rf "$build"' RETURN
    rid=$(dotnet --info | sed -n 's/^ *RID: *//p' | head -1)
    dotnet publish src/AgentOps.Rca.Tool -c Release -r "$rid" -p:PublishAot=true -p:DebugType=none \
        --artifacts-path "$build/build" -o "$build/agentops-rca" -v quiet -nologo >&2
    rm -f "$build"/agentops-rca/*.dbg "$build"/agentops-rca/*.pdb "$build"/agentops-rca/*.xml
    cp LICENSE NOTICE "$build/agentops-rca/"
    mkdir -p "$directory"
    tar -C "$build" -czf "$directory/agentops-rca-$rid.tar.gz" agentops-rca
    printf '%s\n' "$directory/agentops-rca-$rid.tar.gz"
}

case "${1:-}" in
    prepare)
        version=${2:?a version, such as 0.2.0}
        [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "$version is no version."
        if ! grep -qF "## [$version]" CHANGELOG.md; then
            sed -i "s/^## \[Unreleased\]$/## [Unreleased]\n\n## [$version] - $(date -u +%F)/" CHANGELOG.md
        fi
        eng/public-api.sh --ship
        ;;
    pack)
        directory=${2:?a directory}
        version=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null) || fail "HEAD has no tag v…; a release is made from one."
        version=${version#v}
        grep -qF "## [$version]" CHANGELOG.md || fail "CHANGELOG.md has no part [$version]."
        for project in src/*/*.csproj templates/*.csproj; do
            CI=true dotnet pack "$project" -c Release -o "$directory" -v quiet -nologo
        done
        packages=("$directory"/*."$version".nupkg)
        [[ -e ${packages[0]} ]] || fail "Nothing was packed as $version."
        printf '%s\n' "${packages[@]}"
        bom "$directory" "$version"
        ;;
    native)
        native "${2:?a directory}"
        ;;
    bom)
        bom "${2:?a directory}" "${3:?a version}"
        ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 1 ;;
esac
