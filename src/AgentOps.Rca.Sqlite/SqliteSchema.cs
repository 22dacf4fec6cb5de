namespace AgentOps.Rca.Sqlite;

/// <summary>
/// The tables and their history. <c>PRAGMA user_version</c> counts the migrations that a file has seen; migrations are only ever added
/// at the end. Times are ISO 8601 UTC text of fixed width, so their order as text is their order in time and any SQLite tool reads them.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>
    /// What <c>ToolNames.IsEvidence</c> denies, in SQL. Word for word the condition of the partial indexes: SQLite uses those only then.
    /// </summary>
    public const string IsAnalysis = "(substr(tool, 1, 4) = 'rca.' OR substr(tool, 1, 6) = 'human.' OR tool = 'llm.call/rca')";

    /// <summary>The migrations in order; the file's version is the number of them that ran.</summary>
    public static IReadOnlyList<string> Migrations { get; } =
    [
        $"""
        CREATE TABLE incidents (
          id TEXT NOT NULL PRIMARY KEY,
          order_id TEXT NOT NULL,
          eta_delta_hours REAL,
          problem_type TEXT NOT NULL,
          status TEXT NOT NULL,
          created_ts TEXT NOT NULL,
          details TEXT NOT NULL
        ) STRICT;
        CREATE INDEX incidents_by_time ON incidents (created_ts, id);
        CREATE INDEX incidents_by_order ON incidents (order_id, created_ts, id);
        CREATE INDEX incidents_by_problem_type ON incidents (problem_type, created_ts, id);
        CREATE INDEX incidents_by_status ON incidents (status, created_ts, id);

        CREATE TABLE spans (
          span_id TEXT NOT NULL PRIMARY KEY,
          parent_id TEXT,
          tool TEXT NOT NULL,
          start_ts INTEGER NOT NULL,
          end_ts INTEGER NOT NULL,
          args_digest TEXT,
          result_digest TEXT,
          attributes TEXT NOT NULL,
          incident_id TEXT
        ) STRICT;
        CREATE INDEX spans_by_incident ON spans (incident_id, start_ts, span_id);
        CREATE INDEX spans_by_time ON spans (start_ts, span_id);
        CREATE INDEX spans_by_tool ON spans (tool, start_ts, span_id);
        CREATE INDEX analyses_by_incident ON spans (incident_id, start_ts, span_id) WHERE {IsAnalysis};
        CREATE INDEX analyses_by_time ON spans (start_ts, span_id) WHERE {IsAnalysis};

        CREATE TABLE artifacts (
          digest TEXT NOT NULL PRIMARY KEY,
          mime TEXT NOT NULL,
          length INTEGER NOT NULL,
          pii_masked INTEGER NOT NULL,
          created_ts TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
        // How many spans an incident has: an index counts a million of them too slowly for every look at the incident. Whoever adds spans adds
        // to it once for a batch, in the same transaction, since a trigger that runs for each of them nearly doubles the time that adding takes.
        """
        CREATE TABLE span_counts (
          incident_id TEXT NOT NULL PRIMARY KEY,
          spans INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO span_counts SELECT incident_id, count(*) FROM spans WHERE incident_id IS NOT NULL GROUP BY incident_id;
        CREATE TRIGGER span_deleted AFTER DELETE ON spans WHEN OLD.incident_id IS NOT NULL BEGIN
          UPDATE span_counts SET spans = spans - 1 WHERE incident_id = OLD.incident_id;
        END;
        CREATE TRIGGER span_linked AFTER UPDATE OF incident_id ON spans WHEN OLD.incident_id IS NOT NEW.incident_id BEGIN
          UPDATE span_counts SET spans = spans - 1 WHERE incident_id = OLD.incident_id;
          INSERT INTO span_counts SELECT NEW.incident_id, 1 WHERE NEW.incident_id IS NOT NULL
            ON CONFLICT (incident_id) DO UPDATE SET spans = spans + 1;
        END;
        """,
        // The bytes of small artifacts. They follow one another as they come, and an index of short digests finds them: rows that lie in the
        // order of their digests would be torn apart by every batch.
        """
        CREATE TABLE artifact_contents (
          digest BLOB NOT NULL PRIMARY KEY,
          written_ms INTEGER NOT NULL,
          data BLOB NOT NULL
        ) STRICT;
        """,
        // The order in which artifacts came, which is that of the commits since SQLite has one writer: whoever waits for some of them looks at
        // those that came since. Their times do not say it; an imported artifact brings its own.
        """
        CREATE TABLE artifact_arrivals (
          number INTEGER PRIMARY KEY,
          digest TEXT NOT NULL
        ) STRICT;
        INSERT INTO artifact_arrivals (digest) SELECT digest FROM artifacts;
        CREATE TRIGGER artifact_added AFTER INSERT ON artifacts BEGIN
          INSERT INTO artifact_arrivals (digest) VALUES (NEW.digest);
        END;
        """,
        // How many bytes a content had that lies there packed; null where it lies there as it is, as all of them did.
        """
        ALTER TABLE artifact_contents ADD COLUMN unpacked INTEGER;
        """,
    ];
}
