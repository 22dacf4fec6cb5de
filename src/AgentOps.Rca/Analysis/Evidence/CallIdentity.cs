using System.Text.Json;
using System.Text.RegularExpressions;
using AgentOps.Rca.Json;
using AgentOps.Rca.Spans;

namespace AgentOps.Rca.Analysis.Evidence;

/// <summary>
/// What calls were made to, beyond the names of their spans: HTTP clients name all their spans after the method alone, and drivers of
/// databases after the system. Read from the spans' attributes when somebody asks.
/// </summary>
internal sealed partial class CallIdentity(RcaCase rcaCase)
{
    private const int AtOnce = 500;

    private readonly Dictionary<string, string?> _targets = new(StringComparer.Ordinal);

    /// <summary>Reads the targets of these calls.</summary>
    public async ValueTask LoadAsync(IEnumerable<SpanNode> nodes, CancellationToken cancellationToken)
    {
        foreach (var unknown in nodes.Select(static node => node.SpanId).Where(id => !_targets.ContainsKey(id)).Distinct(StringComparer.Ordinal).Chunk(AtOnce))
        {
            await rcaCase.FetchSpans(unknown, cancellationToken).ConfigureAwait(false);
            foreach (var id in unknown)
            {
                _targets[id] = await rcaCase.ReadSpan(id, cancellationToken).ConfigureAwait(false) is { } span ? TargetOf(span.Attributes) : null;
            }
        }
    }

    /// <summary>The target of a call that was loaded, or null when its span does not say.</summary>
    public string? Of(SpanNode node) => _targets.GetValueOrDefault(node.SpanId);

    /// <summary>The target, in brackets behind the name; empty when the span does not say.</summary>
    public string Detail(SpanNode node) => Of(node) is { Length: > 0 } target ? $" ({Words.Short(target, 100)})" : "";

    /// <summary>The targets of calls of one class, in brackets behind the name: the first, and how many others there are.</summary>
    public string Detail(IEnumerable<SpanNode> nodes)
    {
        var targets = nodes.Select(Of).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return targets.Count == 0 ? ""
            : targets.Count == 1 ? $" ({Words.Short(targets[0], 100)})"
            : $" ({Words.Short(targets[0], 100)} and {Words.Count(targets.Count - 1, "other")} like it)";
    }

    /// <summary>The target without the ids in it, so that calls about different records are calls of one kind; null when it is not known.</summary>
    public string? ClassOf(SpanNode node)
    {
        if (Of(node) is not { } target)
        {
            return null;
        }

        // A host's name may have numbers in it that are no ids.
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        var path = Math.Max(0, target.IndexOf('/', scheme < 0 ? 0 : scheme + 3));
        return target[..path] + Number().Replace(RcaSignature.ToolClass(target[path..]), "*");
    }

    /// <summary>
    /// Whether two calls of one tool were made to the same: the same target, and the same arguments when both are known. Where the spans
    /// tell neither, nobody knows.
    /// </summary>
    public bool? AreSame(SpanNode left, SpanNode right)
    {
        if (Of(left) is { } target && Of(right) is { } other && target != other)
        {
            return false;
        }

        return left.ArgsDigest is { } arguments && right.ArgsDigest is { } others ? arguments == others
            : Of(left) is { } known && known == Of(right) ? true : null;
    }

    /// <summary>Method, host and path of a request; system and statement, or table, of a database call.</summary>
    public static string? TargetOf(JsonElement attributes)
    {
        if (attributes.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if ((attributes.FilledTextOf("db.query.text") ?? attributes.FilledTextOf("db.statement")) is { } statement)
        {
            return $"{attributes.FilledTextOf("db.system.name") ?? attributes.FilledTextOf("db.system")} {statement}".Trim();
        }

        if ((attributes.FilledTextOf("db.system.name") ?? attributes.FilledTextOf("db.system")) is { } system)
        {
            return $"{system} {attributes.FilledTextOf("db.operation.name") ?? attributes.FilledTextOf("db.operation")} {attributes.FilledTextOf("db.collection.name") ?? attributes.FilledTextOf("db.namespace")}".Trim();
        }

        var method = attributes.FilledTextOf("http.request.method") ?? attributes.FilledTextOf("http.method");
        if ((attributes.FilledTextOf("url.full") ?? attributes.FilledTextOf("http.url")) is { } url)
        {
            var end = url.AsSpan().IndexOfAny('?', '#');
            return $"{method} {(end < 0 ? url : url[..end])}".Trim();
        }

        var host = attributes.FilledTextOf("server.address") ?? attributes.FilledTextOf("net.peer.name") ?? attributes.FilledTextOf("http.host");
        var path = attributes.FilledTextOf("http.route") ?? attributes.FilledTextOf("url.path") ?? attributes.FilledTextOf("http.target");
        return method is null && path is null ? attributes.FilledTextOf("rpc.method") is { } rpc ? $"{attributes.FilledTextOf("rpc.service")} {rpc}".Trim() : null
            : $"{method} {host}{path}".Trim() is { Length: > 0 } target ? target : null;
    }

    [GeneratedRegex(@"(?<![\w.])\d+(?![\w.])", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Number();
}
