using System.Text;
using AgentOps.Rca.Json;
using CsCheck;

namespace AgentOps.Rca.Tests.Json;

public sealed class Utf8ComparerTests
{
    private static readonly string[] Characters =
        ["a", "z", "\u00e9", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0001F9EF", "\U0010FFFF"];

    private static readonly Gen<string> Text =
        Gen.Int[0, Characters.Length - 1].Select(i => Characters[i]).Array[0, 5].Select(parts => string.Concat(parts));

    [Fact]
    public void The_order_is_that_of_the_bytes() => Gen.Select(Text, Text).Sample((left, right) => Assert.Equal(
        Math.Sign(Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right))),
        Math.Sign(Utf8Comparer.Instance.Compare(left, right))));
}
