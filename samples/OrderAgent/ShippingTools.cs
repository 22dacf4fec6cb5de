using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace AgentOps.Rca.OrderAgent;

/// <summary>What the agent can do.</summary>
internal sealed class ShippingTools
{
    private readonly string? _fault;

    /// <param name="fault">The order for which the carrier stops answering, or null.</param>
    public ShippingTools(string? fault)
    {
        _fault = fault;
        All =
        [
            AIFunctionFactory.Create(CheckStock, "check_stock"),
            AIFunctionFactory.Create(BookCarrierAsync, "book_carrier"),
            AIFunctionFactory.Create(NotifyCustomer, "notify_customer"),
        ];
    }

    public IList<AITool> All { get; }

    [Description("Where an order's goods are.")]
    private static string CheckStock(string order) => $$"""{"order":"{{order}}","warehouse":"east","available":true}""";

    [Description("Books a carrier from a warehouse.")]
    private async Task<string> BookCarrierAsync(string order, string warehouse)
    {
        await Task.Delay(order == _fault ? 120 : 15);
        return order == _fault
            ? throw new TimeoutException($"The carrier did not answer within 100 ms when {order} was booked from {warehouse}.")
            : $$"""{"booking":"b-{{order}}","from":"{{warehouse}}"}""";
    }

    [Description("Tells the customer.")]
    private static string NotifyCustomer(string order, string text) => $$"""{"order":"{{order}}","sent":true,"characters":{{text.Length}}}""";
}
