using AgentOps.Rca.Importing.Sources;

namespace AgentOps.Rca.Importing.Formats;

/// <summary>Reads one format.</summary>
internal interface IFileFormat
{
    /// <summary>What the format is called.</summary>
    string Name { get; }

    /// <summary>Whether the runs of a file make one story, as the traces of services do; conversations do not.</summary>
    bool HasOneStory => false;

    /// <summary>Whether content of this shape is of the format.</summary>
    bool Knows(FileShape shape);

    /// <summary>Reads the content; what is wrong with a record costs that record only, and is noted in the sink.</summary>
    /// <returns>How many records were read.</returns>
    ValueTask<long> ReadAsync(ImportContent content, ImportSink sink, CancellationToken cancellationToken);
}
