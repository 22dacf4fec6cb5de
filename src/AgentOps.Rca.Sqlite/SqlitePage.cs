namespace AgentOps.Rca.Sqlite;

/// <summary>Rows read in one go; between two pages no statement stays open, however slowly the caller reads.</summary>
internal readonly record struct SqlitePage<T>(IReadOnlyList<T> Items, bool IsLast);
