using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AgentOps.Rca.Sqlite;

/// <summary>
/// The rows of a statement as SQLite has them, for who reads a million: the driver's way to a column takes longer than SQLite takes for the row.
/// What it gives is good until the next row is read.
/// </summary>
internal readonly unsafe partial struct SqliteRows
{
    // The one that Batteries_V2 loads.
    private const string Library = "e_sqlite3";

    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;

    /// <summary>The rows of a reader that stands at one of them.</summary>
    /// <param name="reader">The reader; it is disposed of after the last use of this.</param>
    public SqliteRows(SqliteDataReader reader)
    {
        _statement = reader.Handle!;
        _handle = _statement.DangerousGetHandle();
    }

    /// <summary>Reads the next row.</summary>
    /// <exception cref="SqliteException">SQLite could not.</exception>
    public bool Read()
    {
        var code = Step(_handle);
        if (code is not raw.SQLITE_ROW and not raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, raw.sqlite3_db_handle(_statement));
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>The number in a column.</summary>
    /// <param name="column">The column.</param>
    public long GetNumber(int column) => ToNumber(Value(_handle, column));

    /// <summary>The bytes of a text; none for null.</summary>
    /// <param name="column">The column.</param>
    /// <param name="isThere">Whether it is not null.</param>
    public ReadOnlySpan<byte> GetText(int column, out bool isThere)
    {
        // A value is asked without the lock that each question about a column takes.
        var value = Value(_handle, column);
        var text = ToBytes(value);
        isThere = text is not null || TypeOf(value) != raw.SQLITE_NULL;
        return text is null ? default : new ReadOnlySpan<byte>(text, LengthOf(value));
    }

    /// <summary>The same of a column that is never null.</summary>
    /// <param name="column">The column.</param>
    public ReadOnlySpan<byte> GetText(int column) => GetText(column, out _);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_value")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static partial nint Value(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static partial long ToNumber(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static partial byte* ToBytes(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_bytes")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static partial int LengthOf(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    [SuppressGCTransition]
    private static partial int TypeOf(nint value);
}
