using System.Text.Json;
using AgentOps.Rca.Analysis.AgentRuns;

namespace AgentOps.Rca.Analysis.Detectors.Steps;

/// <summary>What calls of tools that edit files were given, under the names that the tools of coding agents have for it.</summary>
internal static class FileEdits
{
    private const int MostText = 20_000;
    private static readonly (string Old, string New)[] Members =
        [("old_string", "new_string"), ("old_str", "new_str"), ("oldText", "newText"), ("old_text", "new_text"), ("search", "replace"), ("before", "after"), ("oldString", "newString"), ("old", "new")];

    private static readonly string[] Paths = ["file_path", "path", "filePath", "file", "filename", "target_file", "notebook_path", "chemin", "fichier", "pfad", "datei", "ruta", "archivo", "percorso", "caminho", "arquivo", "bestand"];

    /// <summary>The file that a call names, or null.</summary>
    public static string? PathOf(ToolStep call) => call.Arguments is not { Value.ValueKind: JsonValueKind.Object } arguments ? null
        : Array.ConvertAll(Paths, name => arguments.Value.TryGetProperty(name, out var path) && path.ValueKind == JsonValueKind.String ? path.GetString() : null).FirstOrDefault(static path => path is { Length: > 0 });

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
