namespace AgentOps.Rca.Storage.Faults;

/// <summary>Reads PostgreSQL's SQLSTATE codes (PostgreSQL documentation, appendix A), whether they come from a driver or over HTTP.</summary>
internal static class SqlStateFaults
{
    /// <summary>What an error reply with this code means. A statement that was answered with an error has been rolled back.</summary>
    /// <param name="sqlState">Five characters.</param>
    public static StoreFault Classify(string sqlState) => sqlState switch
    {
        // serialization_failure, deadlock_detected, transaction_rollback: begin again.
        "40001" or "40P01" or "40000" => StoreFault.NotDone,
        // lock_not_available (lock_timeout), object_in_use.
        "55P03" or "55006" => StoreFault.NotDone,
        // PgBouncer reports a server it cannot log in to as a protocol violation, before it takes the statement.
        "08P01" => StoreFault.NotDone,
        // Could not connect: nothing was sent.
        "08001" or "08004" => StoreFault.NotDone,
        // statement_completion_unknown, transaction_resolution_unknown, a connection that broke on the way.
        "40003" or "08000" or "08003" or "08006" or "08007" => StoreFault.Unknown,
        // too_many_connections, and the server starting up.
        "53300" or "57P03" => StoreFault.NotDone,
        // admin_shutdown and crash_shutdown may come between a commit and its reply.
        "57P01" or "57P02" or "57P05" => StoreFault.Unknown,
        // query_canceled: statement_timeout, or a cancel request that was meant for another query.
        "57014" => StoreFault.NotDone,
        // insufficient_resources (disk_full, out_of_memory) and system_error (io_error) pass when an operator acts.
        "53000" or "53100" or "53200" or "53400" or "58000" or "58030" => StoreFault.NotDone,
        // A plan or statement that a pooler handed to another server connection.
        "26000" or "42P05" => StoreFault.NotDone,
        _ => StoreFault.Permanent,
    };
}
