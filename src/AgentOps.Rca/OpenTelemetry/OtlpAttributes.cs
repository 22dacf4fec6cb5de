using System.Text.Json;

namespace AgentOps.Rca.OpenTelemetry;

/// <summary>Attributes in the order they came. Of a name that is there twice, which OTLP forbids, the first one counts.</summary>
internal sealed class OtlpAttributes
{
    private const int FewEnoughToSearch = 16;

    private HashSet<string>? _names;

    public List<KeyValuePair<string, OtlpValue>> Items { get; } = new(8);

    /// <summary>Whether one of them may say that the record is a step of an agent; those of services have none such.</summary>
    public bool MayNameAgent { get; private set; }

    /// <summary>How many were left out because there were too many.</summary>
    public int Dropped { get; private set; }

    public void Add(string name, OtlpValue value)
    {
        if (Items.Count >= OtlpLimits.Items)
        {
            Dropped++;
        }
        else if (!Contains(name))
        {
            _names?.Add(name);
            Items.Add(new(name, value));
            MayNameAgent = MayNameAgent || OtlpContentNames.MayNameAgent(name);
            Dropped += value.Dropped;
        }
    }

    public void Clear()
    {
        Items.Clear();
        _names = null;
        Dropped = 0;
        MayNameAgent = false;
    }

    public OtlpValue Find(string name)
    {
        foreach (var item in Items)
        {
            if (item.Key == name)
            {
                return item.Value;
            }
        }

        return default;
    }

    public string? Text(string name) => Find(name).Text is { Length: > 0 } text ? text : null;

    public void WriteMembers(Utf8JsonWriter json, string? except = null)
    {
        foreach (var (name, value) in Items)
        {
            if (name != except)
            {
                json.WritePropertyName(name);
                value.Write(json);
            }
        }
    }

    private bool Contains(string name)
    {
        if (Items.Count < FewEnoughToSearch)
        {
            foreach (var item in Items)
            {
                if (item.Key == name)
                {
                    return true;
                }
            }

            return false;
        }

        _names ??= [.. Items.Select(item => item.Key)];
        return _names.Contains(name);
    }
}
