// The clients of LoadTrial in a process of their own, so that it can run at a lower priority than the host: in life they are other machines.
// Usage: LoadClients <address> <seconds> full|short
// Prints "ready" when the host has what is asked for, and waits for a line; then sends everything at once, and prints what came back as one line of JSON.
using System.Globalization;
using AgentOps.Rca.LoadClients;

using var client = new HttpClient { BaseAddress = new Uri(args[0]), Timeout = TimeSpan.FromMinutes(10) };
var isFull = args[2] == "full";
using var clients = new Clients(client, isFull);
await clients.PrepareAsync();
Console.WriteLine("ready");
Console.ReadLine();
await clients.RunAsync(TimeSpan.FromSeconds(double.Parse(args[1], CultureInfo.InvariantCulture)));
Console.WriteLine(clients.ToJson());
