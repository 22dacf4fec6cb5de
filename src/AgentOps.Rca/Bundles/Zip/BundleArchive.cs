using AgentOps.Rca.Bundles.Streams;
namespace AgentOps.Rca.Bundles.Zip;

/// <summary>A file in a bundle that was read, and where its content lies.</summary>
internal readonly record struct BundleEntry(BundleFile File, long HeaderOffset, long ContentOffset);

/// <summary>A bundle whose archive is in the one form: every byte of it is accounted for.</summary>
/// <param name="whole">The bundle, seekable.</param>
/// <param name="entries">Its files, in their order.</param>
internal sealed class BundleArchive(Stream whole, IReadOnlyList<BundleEntry> entries)
{
    private readonly Dictionary<string, BundleEntry> _byName = entries.ToDictionary(entry => entry.File.Name, StringComparer.Ordinal);

    public IReadOnlyList<BundleEntry> Entries => entries;

    public bool Has(string name) => _byName.ContainsKey(name);

    public BundleFile Describe(string name) => _byName[name].File;

    public Stream Open(string name) => new Section(whole, _byName[name].ContentOffset, _byName[name].File.Length);

    /// <summary>The content of a file that the reader has found to be small.</summary>
    public async ValueTask<byte[]> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var bytes = new byte[_byName[name].File.Length];
        var content = Open(name);
        await using var contentDisposal = content.ConfigureAwait(false);
        await content.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }
}
