using System.Text;
using AgentOps.Rca.Bundles.Zip;

namespace AgentOps.Rca.Bundles;

/// <summary>The files of a bundle that are made of the others, and the one that explains them.</summary>
internal static class BundleTexts
{
    private const string Text =
        """
        AgentOps.Rca evidence bundle, format 1
        ======================================

        What is in it
          incident.json        the incident as it stood when the bundle was made
          spans.jsonl          every recorded call, one a line, by start and id; analyses (rca.analyze/...) and decisions
                               (human.approval) are spans too
          artifacts.jsonl      what is known of each artifact (type, length, whether personal data is masked)
          artifacts/<sha256>   the artifacts' bytes; each is named by the SHA-256 of its content
          report.json          the latest root-cause report, if there is one; its SHA-256 is the report's digest
          replay.json          what a strict replay of this bundle found, with its replay digest
          SHA256SUMS           the SHA-256 of the files above and of this one
          statement.json       in-toto Statement v1: name, size and SHA-256 of every file above, and what was left out and why
          attestation.json     DSSE envelope: the statement and its signature
          attestation.pae      the very bytes that are signed (DSSE pre-authentication encoding of statement.json)
          attestation.sig      the signature alone: ECDSA P-256, SHA-256, DER
          public-key.pem       the key that the signature belongs to

        How to check it without our software
          unzip bundle.zip -d bundle && cd bundle
          sha256sum -c SHA256SUMS
          openssl dgst -sha256 -verify public-key.pem -signature attestation.sig attestation.pae
          cmp statement.json <(tail -c "$(wc -c < statement.json)" attestation.pae)
          grep -o "$(sha256sum < SHA256SUMS | cut -d' ' -f1)" statement.json
        The last two lines tie the files to the signature: attestation.pae ends with statement.json, and statement.json names
        the SHA-256 of SHA256SUMS.
        public-key.pem proves nothing about who made the bundle. Compare it with the key that the maker publishes, such as
        GET /bundles/public-key of the host that you trust.

        How to check it with our software
          POST /bundles/verify with this file, or the host's command: verify FILE --key PEM. It also refuses changes that the commands above cannot see, such as bytes hidden
          between the files of the archive, runs the replay again and checks the report's citations.

        What it proves
          The holder of the key has signed exactly these bytes. If replay.json says "reproduced", every artifact that the spans
          name is here and unchanged, and each report follows from the recorded bytes by the engine and version it names.

        What it does not prove
          That the recorded calls really happened, or that nothing was left unrecorded; that the clocks were right; that the
          report's conclusion is true; who the people named in decisions are, beyond the word of the host that signed.

        """;

    private const string Sums = "  SHA256SUMS ";
    private const string Audit =
        "  audit.jsonl          who did what to the incident on the host that exported it, up to the export; one entry a line, whose id\n"
        + "                       follows from what it says; no evidence, and taken in by nobody\n";

    /// <summary>What explains the bundle.</summary>
    /// <param name="hasAudit">Whether entries of the audit are in it.</param>
    public static byte[] Readme(bool hasAudit)
    {
        var text = Text.ReplaceLineEndings("\n");
        return Encoding.ASCII.GetBytes(hasAudit ? text.Replace(Sums, Audit + Sums, StringComparison.Ordinal) : text);
    }

    /// <summary>Writes the lines that <c>sha256sum -c</c> reads.</summary>
    public static async ValueTask WriteSumsAsync(IEnumerable<BundleFile> files, Stream destination, CancellationToken cancellationToken)
    {
        foreach (var chunk in files.Chunk(512))
        {
            var lines = string.Concat(chunk.Select(file => $"{file.Sha256}  {file.Name}\n"));
            await destination.WriteAsync(Encoding.ASCII.GetBytes(lines), cancellationToken).ConfigureAwait(false);
        }
    }
}
