#!/usr/bin/env bash
# Adds up the result files (*.trx) under a directory and prints `N passed, N failed[, N skipped]`. A run that was cut off in a test has no
# result for it; it counts as one that failed.
set -euo pipefail
find "$1" -name '*.trx' -print0 | xargs -0 -r grep -ho '<ResultSummary [^>]*>\|<Counters [^>]*>' | awk '
    function value(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0 }
    /<ResultSummary/ { run_failed = /outcome="Failed"/; next }
    { total += value("total"); passed += value("passed"); executed += value("executed"); cut_off += run_failed && value("executed") == value("passed") }
    END {
        printf "%d passed, %d failed", passed, executed - passed + cut_off
        if (total > executed) printf ", %d skipped", total - executed
        print ""
    }'
