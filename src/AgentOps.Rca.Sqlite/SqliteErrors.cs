using Microsoft.Data.Sqlite;

namespace AgentOps.Rca.Sqlite;

/// <summary>SQLite's result codes as sentences. The codes are those of https://www.sqlite.org/rescode.html.</summary>
internal static class SqliteErrors
{
    /// <summary>What a caller of a store should see instead of the driver's failure, or null when the failure is not the store's state.</summary>
    public static StoreUnavailableException? Translate(SqliteException failure, string path)
    {
        var reason = failure.SqliteErrorCode switch
        {
            3 or 23 => "may not be accessed; check its permissions",
            5 or 6 => "stayed locked by another process for too long; try again",
            7 => "could not be used because memory ran out",
            8 => "can only be read; check the permissions of the file and its directory",
            10 => "could not be read or written; check the disk",
            11 => "is damaged; restore it from a backup",
            13 => "cannot grow because the disk is full; free some space",
            14 => "could not be opened; check the path and its permissions",
            15 => "stayed locked by other processes that opened it at the same time; try again",
            26 => "is not a SQLite database; choose another path",
            _ => null,
        };
        return reason is null ? null : new StoreUnavailableException($"The SQLite file '{path}' {reason}.", failure);
    }
}
