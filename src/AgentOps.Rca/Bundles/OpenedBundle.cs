using AgentOps.Rca.Bundles.Streams;
using AgentOps.Rca.Bundles.Zip;
namespace AgentOps.Rca.Bundles;

/// <summary>A bundle that was read: either intact, with its content, or with the first fault.</summary>
internal sealed class OpenedBundle : IAsyncDisposable
{
    private Spool? _kept;

    private OpenedBundle()
    {
    }

    public BundleFault? Fault { get; private set; }

    public bool IsNoBundle { get; private set; }

    public BundleArchive? Archive { get; private set; }

    public BundleSeal? Seal { get; private set; }

    public BundleContent? Content { get; private set; }

    public static async ValueTask<OpenedBundle> OpenAsync(Stream bundle, CancellationToken cancellationToken)
    {
        var opened = new OpenedBundle();
        try
        {
            await opened.ReadAsync(bundle, cancellationToken).ConfigureAwait(false);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Seal?.Key.Dispose();
        if (_kept is not null)
        {
            await _kept.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask ReadAsync(Stream bundle, CancellationToken cancellationToken)
    {
        Stream source;
        if (bundle.CanSeek)
        {
            source = new Section(bundle, bundle.Position, bundle.Length - bundle.Position);
        }
        else
        {
            _kept = new Spool();
            source = new SpoolingStream(bundle, _kept);
        }

        var reader = new BundleReader(source);
        Fault = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (Fault is not null)
        {
            IsNoBundle = reader.IsNoBundle;
            return;
        }

        Archive = new BundleArchive(_kept?.OpenRead() ?? source, reader.Entries);
        (Seal, Fault) = await BundleSeal.CheckAsync(Archive, cancellationToken).ConfigureAwait(false);
        if (Seal is not null)
        {
            (Content, Fault) = await BundleOpening.OpenAsync(Archive, Seal.Claims, cancellationToken).ConfigureAwait(false);
        }
    }
}
