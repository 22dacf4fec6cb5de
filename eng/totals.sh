#!/usr/bin/env bash
# Adds up the result files (*.trx) under a directory and prints `N passed, N failed[, N skipped]`.
set -euo pipefail
find "$1" -name '*.trx' -print0 | xargs -0 -r grep -ho '<Counters [^>]*>' | awk '
    function value(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0 }
    { total += value("total"); passed += value("passed"); executed += value("executed") }
    END {
        printf "%d passed, %d failed", passed, executed - passed
        if (total > executed) printf ", %d skipped", total - executed
        print ""
    }'
