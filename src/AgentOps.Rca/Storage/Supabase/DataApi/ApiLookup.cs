using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace AgentOps.Rca.Storage.Supabase.DataApi;

/// <summary>
/// Rows by many keys. With a trusted key they go to a function of the migrations, in the body of one request; with another key, which may
/// not call it, they go into the URL a few at a time.
/// </summary>
/// <param name="Table">The table.</param>
/// <param name="Column">Its key.</param>
/// <param name="Function">The function.</param>
/// <param name="Argument">Its argument.</param>
/// <param name="Select">What to read, <c>select=…</c>; the key is part of it.</param>
internal sealed record ApiLookup(string Table, string Column, string Function, string Argument, string Select)
{
    // The server cuts answers at 1,000 rows without a word.
    private const int MaxKeys = 1_000;

    /// <summary>The rows of those keys that are stored, each once, in any order. A row is good until the next one is asked for.</summary>
    public async IAsyncEnumerable<JsonElement> FindAsync(
        SupabaseApiClient client,
        IEnumerable<string> keys,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = client.MayCallFunctions ? keys.Chunk(MaxKeys) : Lists(keys);
        foreach (var batch in batches)
        {
            var left = batch.ToHashSet(StringComparer.Ordinal);
            while (left.Count > 0)
            {
                using var rows = client.MayCallFunctions
                    ? await client.CallAsync($"rpc/{Function}?{Select}", Body(left), cancellationToken).ConfigureAwait(false)
                    : await client.GetAsync($"{Table}?{Column}=in.({Filter(left)})&{Select}", cancellationToken).ConfigureAwait(false);
                var before = left.Count;
                foreach (var row in rows.RootElement.EnumerateArray())
                {
                    if (left.Remove(ApiRows.Text(row, Column)!))
                    {
                        yield return row;
                    }
                }

                // What is missing in an answer may have been cut off; only an answer with nothing new proves that it is not stored.
                if (left.Count == before)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Cuts keys into filters for which there is room.</summary>
    public static IEnumerable<string[]> Lists(IEnumerable<string> keys)
    {
        List<string> list = [];
        var room = ApiFilter.HeaderRoom;
        foreach (var key in keys)
        {
            var cost = ApiFilter.CostInHeader(key) + 8;
            if (list.Count > 0 && cost > room)
            {
                yield return [.. list];
                list.Clear();
                room = ApiFilter.HeaderRoom;
            }

            list.Add(key);
            room -= cost;
        }

        if (list.Count > 0)
        {
            yield return [.. list];
        }
    }

    /// <summary>The inside of <c>in.(…)</c>.</summary>
    public static string Filter(IEnumerable<string> keys)
    {
        var filter = new StringBuilder();
        foreach (var key in keys)
        {
            filter.Append(filter.Length == 0 ? "" : ",").Append(ApiFilter.Quoted(key));
        }

        return filter.ToString();
    }

    private ApiBody Body(IEnumerable<string> keys) => ApiBody.OfTexts(Argument, keys);
}
