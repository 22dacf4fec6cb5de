namespace AgentOps.Rca.Importing.Sources;

/// <summary>The file holds more than is taken, or is packed as no honest file is.</summary>
internal sealed class ImportTooLargeException(string message) : IOException(message);

/// <summary>A document breaks off or is no JSON from a place on; what stands before it was read.</summary>
internal sealed class BrokenDocumentException(string message) : Exception(message);
