using System.Collections.Immutable;

namespace AgentOps.Rca.Storage.Supabase.Postgres;

/// <summary>The migrations that ship inside the package; the same files lie under <c>supabase/migrations</c> of the repository.</summary>
internal static class SupabaseMigrations
{
    private const string Prefix = "migrations/";

    /// <summary>All of them, in the order in which they run.</summary>
    public static ImmutableArray<SupabaseMigration> All { get; } =
    [
        .. typeof(SupabaseMigrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new SupabaseMigration(name[Prefix.Length..name.IndexOf('_', StringComparison.Ordinal)], name[Prefix.Length..])),
    ];

    /// <summary>The version of a database in which all of them have run.</summary>
    public static string Version => All[^1].Version;

    /// <summary>A sentence that says what to run by hand.</summary>
    public static string HowToRun { get; } =
        $"Run the migrations supabase/migrations/{All[0].FileName} to {All[^1].FileName}, in this order, in the SQL editor of the project "
        + "or with `supabase db push`; or start once with a direct or session connection, which runs them by itself.";

    /// <summary>The SQL of a migration.</summary>
    public static string Read(SupabaseMigration migration)
    {
        using var stream = typeof(SupabaseMigrations).Assembly.GetManifestResourceStream(Prefix + migration.FileName)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>One migration.</summary>
/// <param name="Version">The UTC time in its name, which orders it.</param>
/// <param name="FileName">The name of its file.</param>
internal readonly record struct SupabaseMigration(string Version, string FileName);
