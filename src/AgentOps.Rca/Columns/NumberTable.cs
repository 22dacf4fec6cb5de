namespace AgentOps.Rca.Columns;

/// <summary>Finds the numbers of things by what they are. The things themselves stand elsewhere, in the order of their numbers.</summary>
internal abstract class NumberTable<TKey>
    where TKey : allows ref struct
{
    // The low bits of a slot are one more than the number, the others are of its hash, so that hardly a thing is looked at in vain.
    private uint[] _slots = new uint[16];

    /// <summary>How many things there are.</summary>
    public abstract int Count { get; }

    /// <summary>The number of a thing, or -1.</summary>
    /// <param name="key">The thing.</param>
    public int Find(TKey key) => (int)(_slots[SlotOf(key, HashOf(key))] & Mask) - 1;

    /// <summary>Adds a thing that is not there yet.</summary>
    /// <param name="key">The thing.</param>
    /// <param name="number">Its number, also when it was there.</param>
    /// <returns>Whether it was not there.</returns>
    public bool TryAdd(TKey key, out int number)
    {
        var hash = HashOf(key);
        var slot = SlotOf(key, hash);
        if (_slots[slot] != 0)
        {
            number = (int)(_slots[slot] & Mask) - 1;
            return false;
        }

        number = Count;
        Keep(key);
        _slots[slot] = (hash & ~Mask) | (uint)Count;
        if (Count >= _slots.Length / 4 * 3)
        {
            Grow();
        }

        return true;
    }

    /// <summary>The thing of a number.</summary>
    protected abstract TKey KeyOf(int number);

    /// <summary>Whether a number is that of a thing.</summary>
    protected abstract bool IsOf(int number, TKey key);

    /// <summary>Its hash, which nobody outside must be able to foresee.</summary>
    protected abstract uint HashOf(TKey key);

    /// <summary>Gives it the next number.</summary>
    protected abstract void Keep(TKey key);

    private uint Mask => (uint)_slots.Length - 1;

    private uint SlotOf(TKey key, uint hash)
    {
        var slots = _slots;
        var mask = (uint)slots.Length - 1;
        var slot = hash & mask;
        while (slots[slot] is var taken and not 0 && (((taken ^ hash) & ~mask) != 0 || !IsOf((int)(taken & mask) - 1, key)))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        var slots = new uint[_slots.Length * 2];
        var mask = (uint)slots.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var hash = HashOf(KeyOf(number));
            var slot = hash & mask;
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            slots[slot] = (hash & ~mask) | (uint)(number + 1);
        }

        _slots = slots;
    }
}
