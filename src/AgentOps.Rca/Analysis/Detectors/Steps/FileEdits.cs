using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What calls of tools that edit files were given, under the names that the tools of coding agents have for it.</summary>
internal static class FileEdits
{
    private const int MostText = 20_000;
    private static readonly (string Old, string New)[] Members =
        [("old_string", "new_string"), ("old_str", "new_str"), ("oldText", "newText"), ("old_text", "new_text"), ("search", "replace"), ("before", "after"), ("oldString", "newString"), ("old", "new")];

    private static readonly string[] Paths =
    [
        "file_path", "path", "filepath", "file", "filename", "file_name", "target_file", "notebook_path", "target", "destination", "chemin", "fichier", "pfad", "datei", "ruta", "archivo", "percorso", "caminho", "arquivo", "pad", "bestand",
    ];

    /// <summary>The file that a call names, or null.</summary>
    public static string? PathOf(ToolStep call) => PathsOf(call).FirstOrDefault();

    /// <summary>The files that a call names, the surest first.</summary>
    public static IEnumerable<string> PathsOf(ToolStep call) => call.Arguments is not { Value.ValueKind: JsonValueKind.Object } arguments ? []
        : arguments.Value.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.String).Select(static member => (Rank: Array.IndexOf(Paths, member.Name.ToLowerInvariant()), Path: member.Value.GetString()!))
            .Where(static named => named is { Rank: >= 0, Path.Length: > 0 }).OrderBy(static named => named.Rank).Select(static named => named.Path);

    /// <summary>The name of a file without the directories before it.</summary>
    public static string NameOf(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>Whether a call changed a file.</summary>
    public static bool Changes(ToolStep call) => call is { Failure: null, Commands.Count: 0 } && PathOf(call) is not null
        && ToolWords.Of(call.Tool).Any(static word => word is "edit" or "write" or "replace" or "create" or "patch" or "insert" or "editor" or "update") && !call.Arguments!.Text.Contains("\"view\"", StringComparison.Ordinal);

    /// <summary>The texts that were replaced and by what.</summary>
    public static IEnumerable<(string Old, string New)> In(ToolStep call)
    {
        foreach (var (oldName, newName) in Members)
        {
            if (call.Arguments!.Value.TryGetProperty(oldName, out var old) && call.Arguments.Value.TryGetProperty(newName, out var now) && old.ValueKind == JsonValueKind.String && now.ValueKind == JsonValueKind.String
                && old.GetString() is { Length: <= MostText } before && now.GetString() is { Length: <= MostText } after)
            {
                yield return (before, after);
            }
        }
    }
}
