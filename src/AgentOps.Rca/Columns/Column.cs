namespace AgentOps.Rca.Columns;

/// <summary>Values one behind the other. Once there are many they come in pieces, so that nothing is copied or held twice when more come.</summary>
internal sealed class Column<T>
{
    private const int Shift = 16;
    private const int PieceLength = 1 << Shift;
    private const int FirstLength = 16;

    private T[][] _pieces = [];

    /// <summary>How many values there are.</summary>
    public int Count { get; private set; }

    /// <summary>The value at this place.</summary>
    /// <param name="index">The place.</param>
    public ref T this[int index] => ref _pieces[index >> Shift][index & (PieceLength - 1)];

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    public void Add(T value)
    {
        var (piece, at) = (Count >> Shift, Count & (PieceLength - 1));
        if (piece == _pieces.Length)
        {
            Array.Resize(ref _pieces, piece + 1);
            _pieces[piece] = new T[piece == 0 ? FirstLength : PieceLength];
        }
        else if (at == _pieces[piece].Length)
        {
            Array.Resize(ref _pieces[piece], Math.Min(at * 2, PieceLength));
        }

        _pieces[piece][at] = value;
        Count++;
    }

    /// <summary>All of them in an array.</summary>
    public T[] ToArray()
    {
        var all = new T[Count];
        for (var at = 0; at < all.Length; at += PieceLength)
        {
            _pieces[at >> Shift].AsSpan(0, Math.Min(PieceLength, all.Length - at)).CopyTo(all.AsSpan(at));
        }

        return all;
    }
}
