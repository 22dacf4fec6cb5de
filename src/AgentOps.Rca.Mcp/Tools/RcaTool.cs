using System.Text.Json;
using AgentOps.Rca.Artifacts;
using AgentOps.Rca.AspNetCore.Auditing;
using AgentOps.Rca.AspNetCore.Security;
using AgentOps.Rca.Identity;
using AgentOps.Rca.Mcp.Answers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentOps.Rca.Mcp.Tools;

/// <summary>A tool: its entry in the catalogue, and the translation of its arguments into a question to the core.</summary>
internal abstract class RcaTool(AgentOpsRcaMcpOptions options) : McpServerTool
{
    private Tool? _tool;

    public sealed override Tool ProtocolTool => _tool ??= Describe();

    public sealed override IReadOnlyList<object> Metadata => [];

    protected AgentOpsRcaMcpOptions Options => options;

    protected abstract string Name { get; }

    protected abstract string Description { get; }

    /// <summary>The schema of the arguments, without what all have in common.</summary>
    protected abstract string Properties { get; }

    protected virtual string[] Required => [];

    /// <summary>The members of an answer beside those that all have in common.</summary>
    protected abstract string Answers { get; }

    /// <summary>The scope that a caller needs to change something with it (<see cref="CallerScopes"/>); null when it changes nothing.</summary>
    protected virtual string? ActScope => null;

    private bool IsReadOnly => ActScope is null;

    public sealed override async ValueTask<CallToolResult> InvokeAsync(
        RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = new ToolCall(request, options);
        try
        {
            return ActScope is { } scope && await call.RefuseActAsync(scope).ConfigureAwait(false) is { } refused
                ? Answer.Fail(refused)
                : await AnswerAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException unavailable)
        {
            return Answer.Fail($"A store cannot be reached at the moment: {unavailable.Message}");
        }
        catch (ArtifactDigestMismatchException changed)
        {
            return Answer.Fail(changed.Message);
        }
    }

    protected abstract ValueTask<CallToolResult> AnswerAsync(ToolCall call, CancellationToken cancellationToken);

    // None of the tools forgets or overwrites anything, and none reaches beyond the records of the host.
    private Tool Describe() => new()
    {
        Name = Name,
        Description = Description,
        InputSchema = JsonElement.Parse(
            $$"""{"type":"object","properties":{{{Properties}}}{{(Required.Length == 0 ? "" : $",\"required\":[{string.Join(',', Required.Select(static name => $"\"{name}\""))}]")}},"additionalProperties":false}"""),
        OutputSchema = JsonElement.Parse($$"""{"type":"object","properties":{{{Answers}}},"required":["note"]}"""),
        Annotations = new ToolAnnotations { ReadOnlyHint = IsReadOnly, DestructiveHint = false, IdempotentHint = IsReadOnly || IsRepeatable, OpenWorldHint = false },
    };

    /// <summary>Whether a call may be sent again without doing anything twice.</summary>
    protected virtual bool IsRepeatable => false;
}

/// <summary>One call of a tool.</summary>
internal sealed class ToolCall(RequestContext<CallToolRequestParams> request, AgentOpsRcaMcpOptions options)
{
    public ToolArguments Arguments { get; } = new(request.Params.Arguments);

    public IServiceProvider Services => request.Services!;

    /// <summary>Whether secrets and personal data are masked, as they are over HTTP.</summary>
    public bool Mask => Services.GetRequiredService<Masking>().IsOn;

    /// <summary>Who calls, as the application let them in; nobody in particular over the standard streams.</summary>
    public Caller Caller => Services.GetService<IHttpContextAccessor>()?.HttpContext is { } context ? Caller.Of(context) : Caller.Nobody;

    /// <summary>The network address that the call came from, or null.</summary>
    public string? Source => Services.GetService<IHttpContextAccessor>()?.HttpContext is { } context ? HttpAudit.SourceOf(context) : null;

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public string? Page(params string[] parts) => PageLinks.Of(Services, parts);

    /// <summary>Why the caller may not change anything, or null.</summary>
    public async ValueTask<string?> RefuseActAsync(string scope)
    {
        if (!Caller.May(scope))
        {
            return $"This needs the scope {scope}, which you do not have.";
        }

        if (options.ActPolicy is not { } policy || request.User is not { } user)
        {
            return null;
        }

        var allowed = await Services.GetRequiredService<IAuthorizationService>().AuthorizeAsync(user, resource: null, policy).ConfigureAwait(false);
        return allowed.Succeeded ? null : "A policy of this host does not allow you to do this.";
    }
}
